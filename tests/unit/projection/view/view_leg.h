// A projector of read models between a stream and a store of documents, as the pipeline drives it, with
// crashes.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "projection/view/view_projector.h"
#include "unit/projection/view/document_store.h"
#include "unit/projection/view/world.h"

namespace penstock::test {

class ViewLeg {
 public:
  ViewLeg(World& world, std::vector<CollectionSpec> specs, std::string path)
      : world_(world), specs_(std::move(specs)) {
    options.state.path = std::move(path);
    options.file = "pipeline.yaml";
    options.state.cache_bytes = 1U << 20;
    options.state.sync = false;
    remove_database(options.state.path);
  }
  ~ViewLeg() {
    projector_.reset();
    remove_database(options.state.path);
  }

  ViewOptions options;
  DocumentStore store;

  ViewProjector& projector() { return *projector_; }
  std::vector<CollectionSpec>& specs() { return specs_; }

  void start() {
    auto made = ViewProjector::make(specs_, world_.schemas(), options);
    ASSERT_TRUE(made) << made.error().text();
    projector_ = std::move(*made);
    Checkpoint checkpoint;
    checkpoint.exists = true;
    checkpoint.position = store.position;
    checkpoint.pending = store.pending;
    checkpoint.source.system_identifier = 1;
    const auto from = projector_->open(checkpoint);
    ASSERT_TRUE(from) << from.error().text();
    if (!stream_.empty()) replay_from(*from);
  }
  // The process dies: what was not saved is gone.
  void crash() {
    projector_.reset();
    start();
  }

  // Events reach the projector, and their documents the store, as one group.
  void take(EventBatchPtr batch) {
    stream_.push_back(std::move(batch));
    flow();
  }
  void commit() { take(world_.commit()); }
  // Projected, but the process dies before the store has them.
  void take_and_crash(EventBatchPtr batch) {
    stream_.push_back(std::move(batch));
    WriteGroup group;
    ok(projector_->project(*stream_.back(), 0, stream_.back()->events.size(), group));
    ok(projector_->close(group));
    crash();
    flow();
  }

  void save() {
    ok(projector_->save(store.position, {}));
    saved_ = true;
  }
  // One step; false: nothing was to be done.
  bool step() {
    if (!projector_->has_pending()) return false;
    WriteGroup group;
    ok(projector_->step(store.position, group));
    hand_on(group);
    return true;
  }
  void settle() {
    for (int i = 0; i < 100000; ++i) {
      if (step()) continue;
      save();
      if (!projector_->has_pending()) return;
    }
    ADD_FAILURE() << "there is no end of steps";
  }

  void load_step(const std::string& table, LoadState state, std::uint64_t load_id) {
    LoadStep step;
    step.table.table = to_string(world_.table(table).schema->table);
    step.table.state = state;
    step.table.load_id = load_id;
    ok(projector_->load_step(step));
    write_documents();
    save();
  }
  void load_chunk(const EventBatchPtr& chunk) {
    WriteGroup group;
    ok(projector_->project(*chunk, 0, chunk->events.size(), group));
    write_documents();
    save();
  }
  void load(const std::string& table, std::uint64_t load_id = 1) {
    load_step(table, LoadState::kLoading, load_id);
    load_chunk(world_.chunk(table, load_id, 0, 1));
    load_step(table, LoadState::kLoaded, load_id);
  }
  void load_all() {
    for (const auto& [name, table] : world_.tables()) load(name);
    settle();
  }

 private:
  static void ok(const Status& status) { ASSERT_TRUE(status) << status.error().text(); }

  void hand_on(WriteGroup& group) {
    if (!group.chunk) group.pending = projector_->pending();
    store.apply(group);
  }
  void write_documents() {
    if (projector_->documents_due() == 0) return;
    WriteGroup group;
    ok(projector_->close(group));
    hand_on(group);
  }

  // What the store does not have yet.
  void flow() {
    for (const EventBatchPtr& batch : stream_) {
      const Position& end = batch->events.back().position;
      if (end.commit_lsn <= store.position.commit_lsn) continue;
      WriteGroup group;
      ok(projector_->project(*batch, 0, batch->events.size(), group));
      ok(projector_->close(group));
      group.position = end;
      hand_on(group);
    }
  }
  void replay_from(const Position& from) {
    for (const EventBatchPtr& batch : stream_) {
      const Position& end = batch->events.back().position;
      if (end.commit_lsn <= from.commit_lsn || end.commit_lsn > store.position.commit_lsn) continue;
      ok(projector_->replay(*batch, 0, batch->events.size()));
    }
  }

  World& world_;
  std::vector<CollectionSpec> specs_;
  std::unique_ptr<ViewProjector> projector_;
  std::vector<EventBatchPtr> stream_;
  bool saved_ = false;
};

inline std::string state_path(const std::string& name) {
  return (std::filesystem::temp_directory_path() /
          ("penstock_" + name + "_" + std::to_string(::getpid()) + ".state"))
      .string();
}

}  // namespace penstock::test
