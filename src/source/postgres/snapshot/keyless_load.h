// The first load of tables without a key. Their rows cannot be told apart, so that chunks could not be merged
// with the stream: they are read whole, in one snapshot, while the stream waits. What committed before the
// snapshot is in the rows, and is left out of the stream (TableDescription::since).
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/checkpoint.h"
#include "model/lsn.h"
#include "source/postgres/postgres_source.h"
#include "source/postgres/relations.h"

namespace penstock::postgres {

class KeylessLoad {
 public:
  // What of them is loaded already is not read again; nor is anything with `load_nothing`.
  void add(const TableSelection& selection, TableCheckpoint checkpoint, bool load_nothing);
  TableCheckpoint& checkpoint(const std::string& table) { return checkpoints_.at(table); }
  bool is_due() const { return !due_.empty(); }
  bool has(const std::string& table) const { return checkpoints_.contains(table); }
  // Nothing of the tables that committed before their snapshot is taken from the stream.
  void mark(TableBook& tables) const;

  // Offers all rows, then what is to be stored of the tables. An interrupted one is begun anew: rows come
  // twice. Errors as SnapshotSource.
  Status read(const SourceOptions& options, std::stop_token stop, const Source::Offer& offer);

 private:
  Lsn since(const std::string& table) const;

  std::map<std::string, TableCheckpoint> checkpoints_;
  std::vector<TableSelection> due_;
};

}  // namespace penstock::postgres
