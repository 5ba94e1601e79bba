// Rows of one table by SQL conditions, beside the stream: a look at live data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/event_batch.h"
#include "source/postgres/catalog.h"
#include "source/postgres/connection.h"

namespace penstock::postgres {

// One thread. The connection must outlive it.
class RowQuery {
 public:
  // kBadValue: a column's type cannot be decoded.
  static Result<RowQuery> make(Connection& connection, const TableDescription& table);

  // A value of a row as PostgreSQL prints it; nothing: NULL.
  using Text = std::optional<std::string>;

  // The rows for which `condition` (SQL over the columns; empty: all) is true, by key, as a chunk.
  Result<EventBatchPtr> read(const std::string& condition, std::size_t limit);

  // The rows asked for by key, as they are now, as a chunk by key: kLoad for those there are, kAbsent for the
  // others. kBadValue: a key that the columns cannot hold.
  Result<EventBatchPtr> answer(const std::vector<Reread>& requests);

  // SQL that is true where the columns have one of these combinations of values. Combinations with a NULL in
  // them are left out, as a join does; without any it is "false".
  std::string among(const std::vector<std::string>& columns,
                    const std::vector<std::vector<Text>>& values) const;
  // SQL that is true where the columns have these values, NULL included.
  std::string alike(const std::vector<std::string>& columns, const std::vector<Text>& values) const;

  const TableSchema& schema() const { return *schema_; }

 private:
  RowQuery(Connection& connection, std::shared_ptr<const TableSchema> schema)
      : connection_(&connection), schema_(std::move(schema)) {}

  // A row with the values asked for, else Unchanged.
  Result<Value*> wanted(const Reread& request, Arena& arena) const;

  Connection* connection_;
  std::shared_ptr<const TableSchema> schema_;
  std::vector<std::shared_ptr<const pgtype::Decoder>> decoders_;
};

}  // namespace penstock::postgres
