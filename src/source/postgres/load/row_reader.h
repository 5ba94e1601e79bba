// Rows of COPY as the events of a chunk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pgtype/decoder.h"
#include "source/postgres/load/table_work.h"
#include "source/postgres/load/window_merge.h"

namespace penstock::postgres {

// Collects one chunk. One thread.
class RowReader {
 public:
  // Resolves the decoders of the table's columns.
  static Result<RowReader> make(const TableWork& table, pgtype::TypeCatalog& types, Snapshot snapshot,
                                std::int64_t snapshot_micros);

  // A line of a range chunk.
  Status add_row(std::string_view line);
  // A line of a chunk by key: the request's ordinal, and the row unless `ordinal_only`.
  Status add_answer(std::string_view line, bool ordinal_only);

  // Before the first answer: what is asked for.
  Status expect(const std::vector<Reread>& requests);
  // After the last answer: an event for each request that found no row.
  void add_absent();
  // Instead of that, when the chunk was ended early: the requests without row are made again.
  void leave_unanswered();
  const std::vector<std::uint16_t>& request_columns() const { return rows_.request_columns; }

  std::size_t rows() const { return rows_.rows; }
  std::size_t bytes() const { return rows_.batch->bytes(); }
  // The key of the row added last, as PostgreSQL prints it.
  KeyText last_key() const;
  ChunkRows finish() { return std::move(rows_); }

 private:
  explicit RowReader(const TableWork& table) : table_(&table) {}
  Status add_fields(std::size_t first);
  Result<Value> decode(std::size_t column, std::string_view text);

  const TableWork* table_;
  std::vector<std::shared_ptr<const pgtype::Decoder>> decoders_;
  std::int64_t micros_ = 0;
  ChunkRows rows_;
  std::vector<std::optional<std::string_view>> fields_;
  std::size_t first_field_ = 0;
  std::string key_;
  std::vector<const Value*> wanted_;  // per request: a row with the values asked for, else Unchanged
  std::vector<char> found_;
};

}  // namespace penstock::postgres
