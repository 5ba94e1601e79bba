// The SQL that reads one table in chunks. All comparing of keys is left to PostgreSQL.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/checkpoint.h"
#include "source/postgres/catalog.h"
#include "source/postgres/load/key_ranges.h"

namespace penstock::postgres {

// How values of a column are written and compared in SQL.
struct ColumnSql {
  std::string cast;  // the type without modifier: a modifier would cut values silently
  std::string
      operator_schema;  // of its default btree operators: citext's are not in pg_catalog, and without their
                        // schema `>` would quietly be text's, which orders otherwise than ORDER BY does
};

class TableSql {
 public:
  using Quote = std::function<std::string(std::string_view)>;  // an SQL literal

  // Reads the columns' operators. The description must outlive the result.
  static Result<TableSql> make(const TableDescription& table, Connection& connection);
  TableSql(const TableDescription& table, std::vector<ColumnSql> columns, Quote quote);

  const std::string& lock() const { return lock_; }  // LOCK TABLE ... IN ACCESS SHARE MODE
  // One row: pg_current_snapshot(), microseconds since 1970, how many of the columns are as described.
  const std::string& snapshot() const { return snapshot_; }
  std::string greatest_key() const;                                   // no row: empty table
  std::string estimate() const;                                       // EXPLAIN (FORMAT JSON)
  std::string nth_key(const KeyRange& range, std::size_t nth) const;  // no row: fewer in the range
  std::string read_range(const KeyRange& range) const;                // COPY, rows in key order
  std::string read_all() const;                                       // COPY, rows in any order
  std::string order_of(const std::vector<KeyText>& keys) const;       // ordinals from 0, in key order
  // COPY of the rows with these values, each with its request's ordinal in front. The values alone for
  // ordinals_only.
  std::string read_keys(const std::vector<std::uint16_t>& columns, const std::vector<Reread>& rows,
                        bool ordinals_only) const;

 private:
  std::string literal(std::size_t column, const std::string& text) const;
  std::string compare(std::size_t column, const char* op, const std::string& text) const;
  std::string beyond(const KeyText& key, const char* op) const;  // op: ">" or "<="
  std::string beyond_stepwise(const KeyText& key, const char* op, std::size_t from) const;
  std::string in_range(const KeyRange& range) const;
  std::string key_columns(const char* suffix) const;

  const TableDescription& table_;
  const TableSchema& schema_;
  std::vector<ColumnSql> columns_;
  Quote quote_;
  std::string from_, lock_, snapshot_, select_list_;
};

// "Plan Rows" of EXPLAIN (FORMAT JSON); 0 if it is not there.
std::uint64_t planned_rows(std::string_view explain_json);

}  // namespace penstock::postgres
