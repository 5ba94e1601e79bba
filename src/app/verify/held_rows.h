// All rows of plain collections in memory, as a projector.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "projection/row_projector.h"

namespace penstock::app {

class HeldRows final : public Projector {
 public:
  explicit HeldRows(std::vector<CollectionSpec> specs) : rows_projector_(std::move(specs)) {}
  bool keeps_state() const override { return true; }
  Status project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) override;
  std::vector<const DocumentShape*> shapes(const TableSchema& schema) override {
    return rows_projector_.shapes(schema);
  }
  Status replay(const EventBatch& batch, std::size_t first, std::size_t last) override;
  bool has_pending() const override { return !built_; }
  Status step(const Position& position, WriteGroup& group) override;

 private:
  struct Row {
    Arena arena;
    const Value* values = nullptr;
  };
  struct Table {
    std::shared_ptr<const TableSchema> schema;
    std::unordered_map<std::string, Row> rows;
  };
  Table& table_of(const EventBatch& batch, const Event& event);
  Status apply(const EventBatch& batch, const Event& event, EventBatch* out);
  RowProjector rows_projector_;
  std::map<std::string, Table> tables_;
  bool built_ = false;
};

}  // namespace penstock::app
