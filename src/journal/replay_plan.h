// From where a journal can make tables anew, and up to where.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/outline.h"
#include "model/table_schema.h"

namespace penstock::journal {

// From which place on a journal has everything of a table.
struct Completeness {
  Lsn lsn;
  std::int64_t micros = 0;  // when that was, since 1970 UTC
};
// Of each table of which the journal holds anything; nothing: it is not complete for the table.
Result<std::map<std::string, std::optional<Completeness>>> completeness(const Outline& outline);

// Up to which transaction. At most one of the two; none: the journal's end.
struct AsOf {
  std::optional<Lsn> lsn;              // what committed before this place in the WAL
  std::optional<std::int64_t> micros;  // up to the first transaction that committed later than this
};

struct TableReplay {
  std::string table;                          // to_string(TableName)
  std::shared_ptr<const TableSchema> schema;  // as it is at the end
  std::size_t first_block = 0;                // where its first load begins
  // Of its loads, by block: kLoading, one begins; kSweeping, it is read whole; kLoaded, both (of no rows).
  std::map<std::size_t, LoadState> steps;
};

struct ReplayPlan {
  Outline outline;
  std::size_t first_block = 0;
  // Transactions whose COMMIT record begins before it.
  Lsn until;
  std::int64_t until_micros = 0;  // about; 0: unknown
  std::uint64_t events = 0;       // at most so many
  std::vector<TableReplay> tables;
};

// kCheckFailed: the journal is not complete for a table there, with when it is. kUsage: `as_of` lies beyond
// the journal's end.
Result<ReplayPlan> plan_replay(Outline outline, const std::vector<std::string>& tables, const AsOf& as_of);

// Where the transactions of the journal that can be replayed end.
Lsn end_of(const Outline& outline);
// "2026-11-27 09:00:00+00"
std::string time_text(std::int64_t micros);

}  // namespace penstock::journal
