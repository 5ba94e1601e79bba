// The projector of read models: documents made of rows of several tables, of expressions, or of groups of
// rows.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "projection/projector.h"
#include "projection/state/state_store.h"
#include "projection/view/collections.h"
#include "projection/view/document_writer.h"
#include "projection/view/due_queue.h"
#include "projection/view/fan_out.h"
#include "projection/view/marker.h"
#include "projection/view/row_changes.h"

namespace penstock {

struct ViewOptions {
  DatabaseOptions state;
  std::string file;                     // the pipeline file, for messages
  SummaryFactory* summaries = nullptr;  // lives longer than the projector
  // The type of a column to expressions; none: expression_type().
  TypeResolver types;
  FanOutLimits fan_out;
  std::size_t group_documents = 20000;  // made in one close(), at most
  std::size_t group_bytes = 8U << 20;
  std::size_t step_documents = 2000;   // of a fan-out, or left over from a group
  std::size_t build_documents = 5000;  // of a build's step
};

// One thread. The state is opened by make(); identity() is known from then on, and changes with forget().
class ViewProjector final : public Projector {
 public:
  // `collections`: those that are not plain. `tables`: of all tables they read, with their keys; others are
  // ignored. kConfiguration: a definition does not fit its tables, or the state cannot be written.
  static Result<std::unique_ptr<ViewProjector>> make(std::vector<CollectionSpec> collections,
                                                     const std::vector<TableSchema>& tables,
                                                     const ViewOptions& options);
  ~ViewProjector() override;

  // What the load of a table must have been made with: the state's identity, and the columns it keeps. Empty
  // for tables that are not kept.
  std::string load_fingerprint(const std::string& table) const;
  const std::string& identity() const { return store_->identity(); }
  Collections& collections() { return collections_; }

  Status project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) override;
  std::vector<const DocumentShape*> shapes(const TableSchema&) override { return {}; }
  bool keeps_state() const override { return true; }
  bool keeps(const std::string& table) const override;
  Result<Position> open(const Checkpoint& checkpoint) override;
  Status forget() override;
  Status replay(const EventBatch& batch, std::size_t first, std::size_t last) override;
  std::size_t documents_due() const override;
  Status close(WriteGroup& group) override;
  bool has_pending() const override;
  Status step(const Position& position, WriteGroup& group) override;
  PendingDocuments pending() const override;
  Status load_step(const LoadStep& step) override;
  Result<bool> rebuild(const std::string& collection) override;
  Status save(const Position& position, const Places& places) override;
  std::optional<Position> saved() const override { return store_->position(); }
  Places saved_places() const override { return store_->places(); }

 private:
  ViewProjector(std::vector<CollectionSpec> collections, const std::vector<TableSchema>& tables,
                const ViewOptions& options);

  Status attach();
  Status learn_shape(const TableSchema& schema);
  Status apply(const EventBatch& batch, const Event& event, WriteGroup* group);
  Status truncate(const EventBatch& batch, const Event& event, WriteGroup* group);
  Status clear_collection(Collection& collection, const Cause& cause, WriteGroup* group);
  Status marks_to_due(std::optional<Lsn> since);
  Status replay_summaries();
  Status settle_tasks(Collection& collection);
  Status settle_due(Collection& collection);
  Status write_summary(Collection& collection, WriteGroup& group);
  Status close_collection(Collection& collection, DocumentWriter& writer);
  Status close_mark(Collection& collection, const Marks::Entry& entry, DocumentWriter& writer);

  Collection* building() const;
  Collection* publishable() const;
  Status publish(Collection& collection, WriteGroup& group);
  Status step_due(WriteGroup& group);
  Status step_fan_out(WriteGroup& group);
  Status step_task(FanOutTask& task, WriteGroup& group);
  Result<bool> task_roots(FanOutTask& task, Collection& collection, Arena& arena,
                          std::vector<std::string_view>& roots);
  Status step_build(Collection& collection, WriteGroup& group);
  Status build_rows(Collection& collection, WriteGroup& group);
  Status build_groups(Collection& collection, WriteGroup& group);
  Status sweep(MirroredTable& table);

  const ViewOptions options_;
  std::vector<TableSchema> tables_;
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<OrderedMap> notes_;
  Collections collections_;
  DueQueue due_;
  FanOut fan_out_;
  Marker marker_;
  RowChanges changes_;
  Cause newest_;               // of all events seen: what a build's documents are as of
  std::optional<Lsn> undone_;  // events before the start whose documents the sink may lack
  bool replayed_ = false;      // summaries changed while replaying are to be written again
  unsigned turn_ = 0;
};

}  // namespace penstock
