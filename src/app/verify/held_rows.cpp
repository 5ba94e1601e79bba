#include "app/verify/held_rows.h"

#include "source/postgres/load/value_copy.h"

namespace penstock::app {

HeldRows::Table& HeldRows::table_of(const EventBatch& batch, const Event& event) {
  Table& table = tables_[to_string(event.schema->table)];
  if (!table.schema || table.schema.get() != event.schema)
    for (const auto& schema : batch.schemas)
      if (schema.get() == event.schema) table.schema = schema;
  return table;
}

Status HeldRows::apply(const EventBatch& batch, const Event& event, EventBatch* out) {
  if (event.schema == nullptr) return {};
  Table& table = table_of(batch, event);
  const TableSchema& schema = *event.schema;
  if (event.kind == EventKind::kTruncate) {
    table.rows.clear();
    if (out != nullptr) out->events.push_back(event);
    return {};
  }
  const std::string before = event.before != nullptr  ? postgres::key_of(schema, event.before)
                             : event.after != nullptr ? postgres::key_of(schema, event.after)
                                                      : "";
  if (event.after == nullptr) {
    table.rows.erase(before);
    if (out != nullptr) out->events.push_back(event);
    return {};
  }
  const auto old = table.rows.find(before);
  Row row;
  Value* values = row.arena.array<Value>(schema.columns.size());
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const Value& value =
        event.after[i].is_unchanged() && old != table.rows.end() ? old->second.values[i] : event.after[i];
    values[i] = postgres::copy_value(value, row.arena);
  }
  row.values = values;
  if (old != table.rows.end()) table.rows.erase(old);
  const Row& kept =
      table.rows.insert_or_assign(postgres::key_of(schema, values), std::move(row)).first->second;
  if (out == nullptr) return {};
  Event whole = event;
  Value* copy = out->arena.array<Value>(schema.columns.size());
  for (std::size_t i = 0; i < schema.columns.size(); ++i)
    copy[i] = postgres::copy_value(kept.values[i], out->arena);
  whole.after = copy;
  out->events.push_back(whole);
  return {};
}

Status HeldRows::replay(const EventBatch& batch, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i) PENSTOCK_TRY(apply(batch, batch.events[i], nullptr));
  return {};
}

Status HeldRows::project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) {
  if (batch.chunk) return replay(batch, first, last);
  auto out = std::make_shared<EventBatch>();
  out->schemas = batch.schemas;
  for (std::size_t i = first; i < last; ++i) PENSTOCK_TRY(apply(batch, batch.events[i], out.get()));
  group.batches.push_back(out);
  return rows_projector_.project(*out, 0, out->events.size(), group);
}

Status HeldRows::step(const Position&, WriteGroup& group) {
  built_ = true;
  for (const auto& [name, table] : tables_) {
    auto out = std::make_shared<EventBatch>();
    out->schemas.push_back(table.schema);
    for (const auto& [key, row] : table.rows) {
      Event event;
      event.kind = EventKind::kLoad;
      event.schema = table.schema.get();
      event.after = row.values;
      out->events.push_back(event);
    }
    group.batches.push_back(out);
    PENSTOCK_TRY(rows_projector_.project(*out, 0, out->events.size(), group));
  }
  return {};
}

}  // namespace penstock::app
