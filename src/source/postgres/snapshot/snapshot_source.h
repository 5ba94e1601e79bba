// The tables as they stood at one position, and what changed since, up to another position: independent of
// the pipeline's own slot and state, and read only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/event_batch.h"
#include "source/postgres/catalog.h"
#include "source/postgres/postgres_source.h"
#include "source/source.h"

namespace penstock::postgres {

struct SnapshotOptions {
  std::string url;
  std::string publication;
  std::vector<TableSelection> tables;
  bool keyless = false;  // tables without a key are taken
};

// One thread at a time, but for progress() and cancel(). Errors as Connection; kSchemaChanged when a table
// changed in a way that its rows do not tell: begin anew.
class SnapshotSource {
 public:
  static std::unique_ptr<SnapshotSource> make(SnapshotOptions options);
  virtual ~SnapshotSource() = default;

  // Takes the snapshot; gives its position. Waits for transactions that are running. From now on PostgreSQL
  // keeps WAL and dead rows for this session, and ACCESS SHARE locks on the tables until read() is over.
  virtual Result<Lsn> open(std::stop_token stop) = 0;
  // As they were when open() looked. In the order of the options.
  virtual const std::vector<TableDescription>& tables() const = 0;

  // Takes a batch; may block. Its error ends the reading.
  using Take = std::function<Status(EventBatchPtr batch)>;
  // Every row, table by table, as chunks of kLoad events.
  virtual Status read(std::stop_token stop, const Take& take) = 0;
  // Then: the changes up to and including the transaction at position.commit_lsn, whole transactions, in
  // order. Call it again with later positions.
  virtual Status stream_to(const Position& position, std::stop_token stop, const Take& take) = 0;
  // To be called every few seconds between calls of stream_to(): PostgreSQL ends a session that it hears
  // nothing of.
  virtual Status keep_alive() = 0;

  virtual void cancel() = 0;  // any thread: read() ends with an error
  virtual std::vector<LoadProgress> progress() const = 0;
};

}  // namespace penstock::postgres
