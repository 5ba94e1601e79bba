// Tables as plain maps of rows, and transactions over them as a stream would bring them.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/event_batch.h"
#include "model/table_schema.h"

namespace penstock::test {

// Texts that live as long as the process: values borrow.
inline std::string_view interned(const std::string& text) {
  static std::deque<std::string> texts;
  return texts.emplace_back(text);
}
inline Value text_value(const std::string& text) { return Text{interned(text)}; }
inline Value int_value(int number) { return static_cast<std::int32_t>(number); }

struct ColumnSpec {
  std::string name;
  std::uint32_t oid = 23;
  std::string type = "integer";
};

inline std::shared_ptr<TableSchema> table_schema(const std::string& name,
                                                 const std::vector<ColumnSpec>& columns,
                                                 const std::vector<std::uint16_t>& key,
                                                 const std::string& schema_name = "public") {
  auto schema = std::make_shared<TableSchema>();
  schema->table = {schema_name, name};
  for (const ColumnSpec& column : columns)
    schema->columns.push_back({column.name, column.oid, -1, column.type});
  schema->key = key;
  return schema;
}

using Row = std::vector<Value>;
using Key = std::vector<std::string>;

struct Table {
  std::shared_ptr<TableSchema> schema;
  std::map<Key, Row> rows;

  Key key_of(const Row& row) const {
    Key key;
    for (const std::uint16_t column : schema->key) key.push_back(to_text(row[column]));
    return key;
  }
};

// What the tables hold, and the stream of what was done to them.
class World {
 public:
  explicit World(std::vector<std::shared_ptr<TableSchema>> schemas) {
    for (auto& schema : schemas) tables_[schema->table.schema + "." + schema->table.name].schema = schema;
  }

  Table& table(const std::string& name) {
    return tables_.at(name.find('.') == std::string::npos ? "public." + name : name);
  }
  const std::map<std::string, Table>& tables() const { return tables_; }
  std::vector<TableSchema> schemas() const {
    std::vector<TableSchema> all;
    for (const auto& [name, table] : tables_) all.push_back(*table.schema);
    return all;
  }

  // Rows that are there before the stream begins.
  void place(const std::string& name, const Row& row) { table(name).rows[table(name).key_of(row)] = row; }

  void insert(const std::string& name, const Row& row) {
    Table& into = table(name);
    into.rows[into.key_of(row)] = row;
    event(EventKind::kInsert, into, nullptr, &row);
  }
  // Columns in `unchanged` are not sent.
  void update(const std::string& name, const Key& key, const Row& row,
              const std::vector<std::size_t>& unchanged = {}) {
    Table& in = table(name);
    const Row old = in.rows.at(key);
    Row sent = row;
    for (const std::size_t column : unchanged) sent[column] = Unchanged{};
    Row old_key(row.size(), Unchanged{});
    for (const std::uint16_t column : in.schema->key) old_key[column] = old[column];
    const bool moved = in.key_of(row) != key;
    in.rows.erase(key);
    in.rows[in.key_of(row)] = row;
    event(EventKind::kUpdate, in, moved ? &old_key : nullptr, &sent);
  }
  void erase(const std::string& name, const Key& key) {
    Table& from = table(name);
    const Row old = from.rows.at(key);
    Row sent(old.size(), Unchanged{});
    for (const std::uint16_t column : from.schema->key) sent[column] = old[column];
    from.rows.erase(key);
    event(EventKind::kDelete, from, &sent, nullptr);
  }
  void truncate(const std::string& name) {
    table(name).rows.clear();
    event(EventKind::kTruncate, table(name), nullptr, nullptr);
  }

  // Ends the transaction; its events and its COMMIT, as a batch of the stream.
  EventBatchPtr commit() {
    if (!open_) begin();
    Event end;
    end.kind = EventKind::kCommit;
    end.position = {Lsn{lsn_}, open_->events.size(), Lsn{lsn_ + 5}};
    end.commit_micros = micros();
    open_->events.push_back(end);
    lsn_ += 10;
    return std::exchange(open_, nullptr);
  }

  // The rows of a table as a chunk of its load, those whose number is `part` modulo `parts`.
  EventBatchPtr chunk(const std::string& name, std::uint64_t load_id, std::size_t part, std::size_t parts) {
    Table& from = table(name);
    auto batch = std::make_shared<EventBatch>();
    batch->schemas.push_back(from.schema);
    batch->chunk = ChunkResult{to_string(from.schema->table), load_id, {}, false, {}};
    std::size_t number = 0;
    for (const auto& [key, row] : from.rows) {
      if (number++ % parts != part) continue;
      Event event;
      event.kind = EventKind::kLoad;
      event.schema = from.schema.get();
      event.after = copy(*batch, row);
      event.commit_micros = micros();
      batch->events.push_back(event);
    }
    return batch;
  }

  std::int64_t micros() const { return static_cast<std::int64_t>(lsn_) * 1'000'000; }

 private:
  static const Value* copy(EventBatch& batch, const Row& row) {
    auto* values = batch.arena.array<Value>(row.size());
    std::copy(row.begin(), row.end(), values);
    return values;
  }
  void begin() { open_ = std::make_shared<EventBatch>(); }
  void event(EventKind kind, const Table& of, const Row* before, const Row* after) {
    if (!open_) begin();
    Event event;
    event.kind = kind;
    event.schema = of.schema.get();
    if (before != nullptr) event.before = copy(*open_, *before);
    if (after != nullptr) event.after = copy(*open_, *after);
    event.position = {Lsn{lsn_}, open_->events.size() + 1, Lsn{}};
    event.commit_micros = micros();
    open_->events.push_back(event);
    if (std::find(open_->schemas.begin(), open_->schemas.end(), of.schema) == open_->schemas.end())
      open_->schemas.push_back(of.schema);
  }

  std::map<std::string, Table> tables_;
  EventBatchPtr open_;
  std::uint64_t lsn_ = 1000;
};

}  // namespace penstock::test
