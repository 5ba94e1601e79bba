#include "source/postgres/row_query.h"

#include <chrono>

namespace penstock::postgres {
namespace {

std::string column_list(const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) list += (list.empty() ? "" : ", ") + quote_identifier(column);
  return list;
}

}  // namespace

Result<RowQuery> RowQuery::make(Connection& connection, const TableDescription& table) {
  RowQuery query(connection, table.schema);
  pgtype::TypeCatalog types = type_catalog(connection);
  for (const Column& column : table.schema->columns) {
    auto decoder = pgtype::decoder_for(column.type_oid, types);
    if (!decoder) {
      Error error = std::move(decoder).error();
      error.message = to_string(table.schema->table) + "." + column.name + ": " + error.message;
      return fail(std::move(error));
    }
    query.decoders_.push_back(std::move(*decoder));
  }
  return query;
}

Result<EventBatchPtr> RowQuery::read(const std::string& condition, std::size_t limit) {
  std::vector<std::string> columns, key;
  for (const Column& column : schema_->columns) columns.push_back(column.name);
  for (const auto index : schema_->key) key.push_back(schema_->columns[index].name);
  const std::string sql = "SELECT " + column_list(columns) + " FROM " + quoted(schema_->table) +
                          (condition.empty() ? "" : " WHERE " + condition) +
                          (key.empty() ? "" : " ORDER BY " + column_list(key)) + " LIMIT " +
                          std::to_string(limit);
  PENSTOCK_ASSIGN(const Rows rows, connection_->query(sql));
  auto batch = std::make_shared<EventBatch>();
  batch->schemas.push_back(schema_);
  batch->chunk.emplace();
  batch->chunk->table = to_string(schema_->table);
  batch->chunk->load_id = 1;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Value* row = batch->arena.array<Value>(columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (rows.is_null(i, c)) continue;
      PENSTOCK_ASSIGN(row[c], decoders_[c]->decode(batch->arena.copy(rows.text(i, c)), batch->arena));
    }
    Event& event = batch->events.emplace_back();
    event.kind = EventKind::kLoad;
    event.schema = schema_.get();
    event.after = row;
    event.commit_micros = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  }
  batch->chunk->done.rows = rows.size();
  return batch;
}

std::string RowQuery::among(const std::vector<std::string>& columns,
                            const std::vector<std::vector<Text>>& values) const {
  std::string list;
  for (const std::vector<Text>& combination : values) {
    std::string one;
    for (const Text& value : combination) {
      if (!value) break;
      one += (one.empty() ? "" : ", ") + connection_->literal(*value);
      if (&value == &combination.back()) list += (list.empty() ? "(" : ", (") + one + ")";
    }
  }
  return list.empty() ? "false" : "(" + column_list(columns) + ") IN (" + list + ")";
}

std::string RowQuery::alike(const std::vector<std::string>& columns, const std::vector<Text>& values) const {
  std::string condition;
  for (std::size_t i = 0; i < columns.size() && i < values.size(); ++i)
    condition += (i == 0 ? "" : " AND ") + quote_identifier(columns[i]) +
                 (values[i] ? " = " + connection_->literal(*values[i]) : std::string(" IS NULL"));
  return condition;
}

}  // namespace penstock::postgres
