// What a journal's records say of the loads of its tables: whether a load is in it from its first chunk on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "journal/event_codec.h"
#include "model/byte_io.h"
#include "model/checkpoint.h"

namespace penstock::journal {

// The newest load of one table.
struct TableLoad {
  std::uint64_t load_id = 0;
  LoadState state = LoadState::kPending;  // kPending: its beginning is not in the journal
  std::set<std::uint64_t> chunks;         // of a load under way: hashes of their ranges
};

class TableLoads {
 public:
  enum class Change {
    kNone,
    kBegun,  // a load begins here
    kRead,   // all its chunks are there, from its beginning on
    kEmpty,  // the table was empty: the load begins and ends here
  };
  Change step(const StepRecord& step);
  void chunk(const ChunkResult& chunk);
  // Something of the table, or of all, is missing from here back.
  void broken(const std::string& table) { tables_[table] = TableLoad(); }
  void all_broken() { tables_.clear(); }

  // Why the journal lacks something of the table's load that `stored` has; nothing: it does not.
  std::optional<std::string> missing(const TableCheckpoint& stored) const;

  void write(ByteWriter& out) const;
  static TableLoads read(ByteReader& in);

 private:
  std::map<std::string, TableLoad> tables_;
};

}  // namespace penstock::journal
