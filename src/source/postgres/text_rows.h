// Rows that somebody else has read, as PostgreSQL prints their columns: to events of a load.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event_batch.h"
#include "pgtype/decoder.h"
#include "source/postgres/catalog.h"

namespace penstock::postgres {

// One for each column. kBadValue: a type that cannot be decoded.
Result<std::vector<std::shared_ptr<const pgtype::Decoder>>> decoders_of(Connection& connection,
                                                                        const TableSchema& schema);

// SQL for the column's value as the type's output function prints it, under session_settings(). A cast to
// text is something else for some types: 'true' for 't', "10.0.0.1/32" for "10.0.0.1", no blanks behind
// char(n).
std::string text_of(const Column& column);

// One thread.
class TextRows {
 public:
  static Result<TextRows> make(Connection& connection, const TableDescription& table);

  // Appends a row to the batch, which borrows from `row`: values in the order of the schema's columns,
  // nothing for NULL. `micros`: when it was read, since 1970 UTC. kBadValue, with the column and the row's
  // key.
  Status add(const std::optional<std::string_view>* row, std::int64_t micros, EventBatch& batch) const;

  const std::shared_ptr<const TableSchema>& schema() const { return schema_; }

 private:
  explicit TextRows(std::shared_ptr<const TableSchema> schema) : schema_(std::move(schema)) {}
  std::string key_of(const std::optional<std::string_view>* row) const;

  std::shared_ptr<const TableSchema> schema_;
  std::vector<std::shared_ptr<const pgtype::Decoder>> decoders_;
};

}  // namespace penstock::postgres
