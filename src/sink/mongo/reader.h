// The read-only side of MongoDB for the commands beside `run`: status, wait, verify, check; and the few
// things that teardown and resync write.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/checkpoint.h"

namespace penstock::mongo {

struct ServerDescription {
  std::string kind;         // "replica set", "sharded cluster", "standalone"
  std::string version;      // 6.0.5
  std::string replica_set;  // empty: none
  std::string primary;      // host:port; may be empty
  bool transactions = false;
};

struct LeaseView {
  std::string host;
  std::int64_t pid = 0;
  std::int64_t since_millis = 0;  // since 1970 UTC
  std::uint64_t renewals = 0;
  std::uint64_t epoch = 0;
  bool released = false;  // its process ended in good order
  bool dead = false;      // a process of this machine that is no more
};

struct ProgressView {
  std::int64_t updated_millis = 0;      // when the position was written last; 0: never
  std::int64_t last_commit_micros = 0;  // of the newest source transaction applied; 0: none
};

// How a process that applies topics fares, as it last said.
struct HealthView {
  std::int64_t updated_millis = 0;  // since 1970 UTC; 0: nobody said
  // Since the process began: records of topics, of those delivered again and left out, and source
  // transactions that were put together: whole, parts of larger ones, those of which events never came.
  std::uint64_t records = 0, again = 0, joined = 0, parts = 0, incomplete = 0;
  // What keeps it from reading, or ended it. Empty: nothing.
  std::string trouble, remedy;
  std::int64_t trouble_millis = 0;  // since when
};

// One thread at a time. All reads are majority reads where the server has them. Errors: kMongoUnavailable,
// kMongoRefused; texts never show a password.
class Reader {
 public:
  // kConfiguration when the URI cannot be read. Does not connect yet.
  static Result<std::unique_ptr<Reader>> open(const std::string& uri, const std::string& database,
                                              const std::string& pipeline);
  virtual ~Reader() = default;

  virtual Result<ServerDescription> describe() = 0;
  // Creates, writes and drops a collection <db>.penstock_probe: kMongoRefused names the role that is missing.
  virtual Status probe_writes() = 0;
  // kConfiguration when the collection is there and could not hold the documents exactly: a collation, a
  // unique index, a view, capped.
  virtual Status check_collection(const std::string& name) = 0;

  // Without taking over.
  virtual Result<Checkpoint> read_checkpoint() = 0;
  virtual Result<ProgressView> read_progress() = 0;
  virtual Result<std::optional<LeaseView>> read_lease() = 0;
  virtual Result<HealthView> read_health() = 0;
  // Of this process, as long as no other one has taken over.
  virtual Status report_health(const HealthView& health) = 0;

  // 0 for a collection that does not exist. Exact, by a scan of the `_id` index, or the server's own
  // estimate.
  virtual Result<std::uint64_t> count(const std::string& collection, bool exact) = 0;

  // Whether a majority read now contains everything up to `lsn`: the position includes it, every table is
  // loaded, and no row changed at or before it waits to be read again.
  virtual Result<bool> includes(Lsn lsn) = 0;
  // Polls for that. True: included; false: the time is over. kMongoUnavailable only when MongoDB is still
  // away at the end of it; kCancelled when stopped.
  virtual Result<bool> wait_for(Lsn lsn, std::chrono::milliseconds timeout, std::stop_token stop) = 0;

  // kConfiguration when the pipeline does not know the table.
  virtual Status request_resync(const std::string& table) = 0;
  // Rows to be read and written again: taken up by a running process within seconds, else by the next start.
  // They are gone from read_checkpoint().rereads when it is done.
  virtual Status request_repair(const std::vector<Reread>& rows) = 0;
  // A read model to be built anew. kConfiguration when the pipeline never ran.
  virtual Status request_rebuild(const std::string& collection) = 0;
  // Those that were asked for and not begun.
  virtual Result<std::vector<std::string>> rebuild_requests() = 0;
  // Of the whole pipeline, carried out by its next start. kConfiguration when it never ran.
  virtual Status request_restart() = 0;

  // Removes the pipeline's state (positions, lease, tables, chunks, re-reads); state collections that are
  // empty then are dropped. Documents and dead letters stay.
  virtual Status drop_state() = 0;
  // The same, but all state collections stay: for the state of a build beside a running pipeline.
  virtual Status forget_state() = 0;
  // In one step for readers, who see `to` as it was until then. False: there is no `from`.
  virtual Result<bool> rename(const std::string& from, const std::string& to) = 0;
};

}  // namespace penstock::mongo
