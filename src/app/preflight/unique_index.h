// Unique indexes of a table, and how one becomes its replica identity.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/table_schema.h"
#include "source/postgres/connection.h"

namespace penstock::app {

struct UniqueIndex {
  std::string name;
  std::vector<std::string> columns;
  std::set<std::string> nullable;  // of the columns
  bool primary = false;
};

// Those that may be a replica identity, but for NOT NULL: unique, whole, immediate, over columns (PostgreSQL
// manual: ALTER TABLE, REPLICA IDENTITY).
Result<std::vector<UniqueIndex>> read_unique_indexes(postgres::Connection& connection,
                                                     std::uint32_t table_oid);

// Whether all of `wanted` are in `have`.
bool covers(const std::vector<std::string>& have, const std::vector<std::string>& wanted);

// "a", "b"
std::string quoted_list(const std::vector<std::string>& columns);

// The SQL after which the replica identity of the table covers `needed`, without sending whole rows (FULL).
// `nullable`: columns of the table that may be NULL.
std::string identity_remedy(const TableName& table, const std::vector<std::string>& needed,
                            const std::vector<UniqueIndex>& indexes, const std::set<std::string>& nullable);

}  // namespace penstock::app
