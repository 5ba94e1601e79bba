// What a replay asks of a projector beyond what a running pipeline does.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/checkpoint.h"
#include "projection/projector.h"

namespace penstock::app {

// Rows of which an event left something out that no earlier event had: PostgreSQL is not asked, later events
// are waited for. With a key, only the document with this `_id` is written. Otherwise as `inner`. One thread,
// but for unresolved(), once the leg has ended.
class ReplayProjector final : public Projector {
 public:
  // `inner` keeps its rows in a state; one without asks for what it lacks through the sink.
  ReplayProjector(std::unique_ptr<Projector> inner, std::vector<std::string> key)
      : inner_(std::move(inner)), key_(std::move(key)) {}

  // A row that is still not known whole; nothing: none.
  std::optional<Reread> unresolved() const;

  Status project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) override;
  std::vector<const DocumentShape*> shapes(const TableSchema& schema) override {
    return inner_->shapes(schema);
  }
  bool keeps_state() const override { return inner_->keeps_state(); }
  bool keeps(const std::string& table) const override { return inner_->keeps(table); }
  Result<Position> open(const Checkpoint& checkpoint) override { return inner_->open(checkpoint); }
  Status forget() override { return inner_->forget(); }
  Status replay(const EventBatch& batch, std::size_t first, std::size_t last) override {
    return inner_->replay(batch, first, last);
  }
  std::size_t documents_due() const override { return inner_->documents_due(); }
  Status close(WriteGroup& group) override { return chosen(inner_->close(group), group); }
  bool has_pending() const override { return inner_->has_pending(); }
  Status step(const Position& position, WriteGroup& group) override {
    return chosen(inner_->step(position, group), group);
  }
  PendingDocuments pending() const override { return inner_->pending(); }
  Status load_step(const LoadStep& step) override { return inner_->load_step(step); }
  Result<bool> rebuild(const std::string& collection) override { return inner_->rebuild(collection); }
  Status save(const Position& position, const Places& places) override {
    return inner_->save(position, places);
  }
  std::optional<Position> saved() const override { return inner_->saved(); }

 private:
  using RowKey = std::pair<std::string, KeyText>;  // table and key
  Status chosen(Status outcome, WriteGroup& group) const;
  void note(WriteGroup& group, std::size_t had);
  void resolve(const Event& event);
  void resolve(const TableSchema& schema, const Value* row);

  std::unique_ptr<Projector> inner_;
  const std::vector<std::string> key_;
  std::map<RowKey, Reread> lacking_;
};

}  // namespace penstock::app
