#include "source/postgres/row_query.h"

#include <chrono>

#include "source/postgres/text_rows.h"

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
  PENSTOCK_ASSIGN(query.decoders_, decoders_of(connection, *table.schema));
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

Result<Value*> RowQuery::wanted(const Reread& request, Arena& arena) const {
  Value* row = arena.array<Value>(schema_->columns.size());
  for (std::size_t i = 0; i < schema_->columns.size(); ++i) row[i] = Unchanged{};
  for (std::size_t i = 0; i < request.columns.size() && i < request.key.size(); ++i) {
    const auto column = schema_->find(request.columns[i]);
    if (!column)
      return fail(ErrorKind::kSchemaChanged, "rows of " + request.table + " are asked for by column " +
                                                 request.columns[i] + ", which is gone");
    PENSTOCK_ASSIGN(row[*column], decoders_[*column]->decode(arena.copy(request.key[i]), arena));
  }
  return row;
}

Result<EventBatchPtr> RowQuery::answer(const std::vector<Reread>& requests) {
  auto answers = std::make_shared<EventBatch>();
  answers->schemas.push_back(schema_);
  for (const Reread& request : requests) {
    const std::vector<Text> key(request.key.begin(), request.key.end());
    PENSTOCK_ASSIGN(const EventBatchPtr found, read(alike(request.columns, key), 1));
    if (!found->events.empty()) {
      answers->events.push_back(found->events.front());
      answers->kept.push_back(found);
      continue;
    }
    Event& absent = answers->events.emplace_back();
    absent.kind = EventKind::kAbsent;
    absent.schema = schema_.get();
    PENSTOCK_ASSIGN(absent.before, wanted(request, answers->arena));
  }
  answers->chunk = ChunkResult{to_string(schema_->table), 0, {}, true, requests};
  return answers;
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
