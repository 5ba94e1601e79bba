// A batch of events of one table, and what a projector makes of it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "projection/row_projector.h"

namespace penstock {

// shop.orders (id integer key, name text, note text, at timestamp)
inline std::shared_ptr<TableSchema> orders_schema() {
  auto schema = std::make_shared<TableSchema>();
  schema->table = {"shop", "orders"};
  schema->columns = {{"id", 23, -1, "integer"},
                     {"name", 25, -1, "text"},
                     {"note", 25, -1, "text"},
                     {"at", 1114, -1, "timestamp without time zone"}};
  schema->key = {0};
  return schema;
}

inline CollectionSpec orders_spec(const std::string& name = "orders") {
  CollectionSpec spec;
  spec.name = name;
  spec.from = {"shop", "orders"};
  return spec;
}

inline FieldSpec field_spec(const std::string& name, const std::string& column,
                            BsonType as = BsonType::kDefault) {
  return {name, column, as, false, 3};
}
inline FieldSpec dropped(const std::string& column) { return {column, column, BsonType::kDefault, true, 3}; }

inline const Value kUnsent = Unchanged{};

class ProjectionTest : public testing::Test {
 protected:
  ProjectionTest() { use(orders_schema()); }

  void use(std::shared_ptr<TableSchema> schema) {
    schema_ = std::move(schema);
    batch_.schemas.push_back(schema_);
  }

  const Value* row(const std::vector<Value>& values) {
    Value* copy = batch_.arena.array<Value>(values.size());
    std::copy(values.begin(), values.end(), copy);
    return copy;
  }

  void event(EventKind kind, const Value* before, const Value* after) {
    Event event;
    event.kind = kind;
    event.schema = schema_.get();
    event.before = before;
    event.after = after;
    event.position = {Lsn{0x16B374D848}, batch_.events.size() + 1, Lsn{}};
    event.commit_micros = 1704067200000000;
    batch_.events.push_back(event);
  }

  Status project(RowProjector& projector) {
    group_.writes.clear();
    return projector.project(batch_, 0, batch_.events.size(), group_);
  }
  // The writes of all events by one collection.
  const std::vector<DocumentWrite>& writes(const CollectionSpec& spec) {
    projector_ = std::make_unique<RowProjector>(std::vector<CollectionSpec>{spec});
    const Status status = project(*projector_);
    EXPECT_TRUE(status) << status.error().text();
    return group_.writes;
  }
  Error error(const CollectionSpec& spec) {
    projector_ = std::make_unique<RowProjector>(std::vector<CollectionSpec>{spec});
    const Status status = project(*projector_);
    if (!status) return status.error();
    ADD_FAILURE() << "no error";
    return {};
  }

  static std::vector<std::string> names(const DocumentShape& shape) {
    std::vector<std::string> out;
    for (const FieldShape& field : shape.fields) out.push_back(field.name);
    return out;
  }
  static std::vector<std::string> texts(const Value* values, std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) {
      out.push_back(values[i].is_unchanged() ? "<unsent>"
                    : values[i].is_null()    ? "<null>"
                                             : to_text(values[i]));
    }
    return out;
  }
  static std::vector<std::string> fields(const DocumentWrite& write) {
    return texts(write.fields, write.shape->fields.size());
  }
  static std::vector<std::string> id(const DocumentWrite& write) {
    return texts(write.id, write.shape->id.size());
  }
  using Texts = std::vector<std::string>;

  std::shared_ptr<const TableSchema> schema_;
  EventBatch batch_;
  WriteGroup group_;
  std::unique_ptr<RowProjector> projector_;
  const Value at_ = Timestamp{0, "1970-01-01 00:00:00", false};
};

}  // namespace penstock
