// What ViewProjector does between groups, a bounded step at a time.
#include <algorithm>

#include "base/log.h"
#include "projection/view/view_projector.h"
#include "projection/view/walk.h"

namespace penstock {

Collection* ViewProjector::publishable() const {
  for (const auto& collection : collections_.all_const()) {
    const bool ready = collection->saved_as_built || collection->uncertain;
    if (collection->phase == BuildPhase::kBuilt && ready) return collection.get();
  }
  return nullptr;
}

Collection* ViewProjector::building() const {
  for (const auto& collection : collections_.all_const()) {
    if (collection->phase == BuildPhase::kBuilding) return collection.get();
  }
  return nullptr;
}

bool ViewProjector::has_pending() const {
  return replayed_ || !due_.empty() || !fan_out_.empty() || building() != nullptr || publishable() != nullptr;
}

Status ViewProjector::step(const Position& position, WriteGroup& group) {
  changes_.set_now(std::max(changes_.now(), position));
  if (Collection* collection = publishable()) return publish(*collection, group);
  if (replayed_) {
    for (auto& collection : collections_.all()) {
      if (collection->tree->summary) PENSTOCK_TRY(write_summary(*collection, group));
    }
    replayed_ = false;
    return {};
  }
  // Each in turn, so that none waits for another's end.
  for (unsigned tried = 0; tried < 3; ++tried) {
    switch (turn_++ % 3) {
      case 0:
        if (!due_.empty()) return step_due(group);
        break;
      case 1:
        if (!fan_out_.empty()) return step_fan_out(group);
        break;
      default:
        if (Collection* collection = building()) return step_build(*collection, group);
    }
  }
  return {};
}

Status ViewProjector::publish(Collection& collection, WriteGroup& group) {
  group.publish = Publish{collection.tree->building.collection, collection.name()};
  const DocumentShape& shape = collection.tree->shape;
  if (shape.soft_deletes && shape.change_field >= 0)
    group.publish->soft_change = shape.fields[static_cast<std::size_t>(shape.change_field)].name;
  collection.phase = BuildPhase::kLive;
  collection.uncertain = false;
  collection.saved_as_built = false;
  collection.cursor.clear();
  return collections_.save(collection);
}

Status ViewProjector::step_due(WriteGroup& group) {
  std::vector<DueQueue::Entry> entries;
  PENSTOCK_TRY(due_.take(options_.step_documents, entries));
  DocumentWriter writer(group);
  for (const DueQueue::Entry& entry : entries) {
    Collection* collection = collections_.find(entry.collection);
    if (collection == nullptr || !collection->follows()) continue;
    if (writer.bytes() >= options_.group_bytes) {
      PENSTOCK_TRY(due_.add(entry.collection, entry.key, entry.mark));
      continue;
    }
    PENSTOCK_TRY(writer.make(*collection, entry.key, entry.mark));
  }
  writer.finish();
  for (auto& collection : collections_.all()) {
    if (collection->tree->summary) PENSTOCK_TRY(write_summary(*collection, group));
  }
  return {};
}

Status ViewProjector::step_fan_out(WriteGroup& group) {
  FanOutTask* task = fan_out_.next();
  return task != nullptr ? step_task(*task, group) : Status();
}

// Appends the next root rows of the task and moves its cursor. False: that was the last of them.
Result<bool> ViewProjector::task_roots(FanOutTask& task, Collection& collection, Arena& arena,
                                       std::vector<std::string_view>& roots) {
  const Tree& tree = *collection.tree;
  if (task.appearance == FanOutTask::kWhole) {
    std::vector<StoredRow> rows;
    const auto after = task.cursor.empty() ? std::nullopt : std::optional<std::string_view>(task.cursor);
    PENSTOCK_TRY(tree.root.mirror->rows().scan(after, options_.step_documents, arena, rows));
    for (const StoredRow& row : rows) roots.push_back(row.key);
    if (!rows.empty()) task.cursor = rows.back().key;
    return rows.size() == options_.step_documents;
  }
  if (task.appearance >= tree.appearances.size() || tree.appearances[task.appearance].hops.empty())
    return false;
  const Appearance& appearance = tree.appearances[task.appearance];
  Walk walk = task.cursor.empty() ? Walk::from(appearance, task.start)
                                  : Walk(appearance, std::string_view(task.cursor));
  PENSTOCK_TRY(walk.next(options_.step_documents, arena, roots));
  task.cursor = walk.text();
  return !walk.done();
}

Status ViewProjector::step_task(FanOutTask& task, WriteGroup& group) {
  Collection* collection = collections_.find(task.collection);
  if (collection == nullptr || !collection->follows()) return fan_out_.ended();
  Arena arena;
  std::vector<std::string_view> roots;
  PENSTOCK_ASSIGN(const bool more, task_roots(task, *collection, arena, roots));
  std::sort(roots.begin(), roots.end());
  roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
  Mark mark;
  mark.cause = task.cause;
  mark.since = task.since;
  DocumentWriter writer(group);
  for (const std::string_view root : roots) {
    if (writer.bytes() < options_.group_bytes) {
      PENSTOCK_TRY(writer.make(*collection, root, mark));
    } else {
      PENSTOCK_TRY(due_.add(collection->name(), root, mark));
    }
  }
  writer.finish();
  if (collection->tree->summary) PENSTOCK_TRY(write_summary(*collection, group));
  return more ? fan_out_.moved_on() : fan_out_.ended();
}

Status ViewProjector::step_build(Collection& collection, WriteGroup& group) {
  if (collection.unbegun()) group.prepare = Publish{collection.tree->building.collection, collection.name()};
  PENSTOCK_TRY(collection.rows_done ? build_groups(collection, group) : build_rows(collection, group));
  // A step of its own chunk may be written beside others; what makes the target must come before them.
  if (!group.prepare && !group.publish) group.chunk = ChunkResult{};
  return collections_.save(collection);
}

Status ViewProjector::build_rows(Collection& collection, WriteGroup& group) {
  Mirror& root = *collection.tree->root.mirror;
  if (collection.cursor.empty() && collection.tree->summary) {
    PENSTOCK_TRY(collection.tree->summary->attach(*store_, true));
  }
  std::vector<MirrorRow> rows;
  const auto after =
      collection.cursor.empty() ? std::nullopt : std::optional<std::string_view>(collection.cursor);
  PENSTOCK_TRY(root.scan(after, options_.build_documents, group.arena, rows));
  DocumentWriter writer(group);
  writer.expect_order();
  std::size_t made = 0;
  while (made < rows.size() && writer.bytes() < options_.group_bytes)
    PENSTOCK_TRY(writer.build(collection, rows[made++], newest_));
  writer.finish();
  if (made > 0) collection.cursor = rows[made - 1].key;
  if (made < options_.build_documents && made == rows.size()) {
    if (collection.tree->summary) {
      collection.rows_done = true;
      collection.cursor.clear();
    } else {
      collection.phase = BuildPhase::kBuilt;
    }
  }
  return {};
}

Status ViewProjector::build_groups(Collection& collection, WriteGroup& group) {
  SummaryWriter writer{group, collection.shape(), collection.resumed};
  PENSTOCK_ASSIGN(const bool more,
                  collection.tree->summary->write_all(collection.cursor, options_.build_documents, writer));
  if (!more) collection.phase = BuildPhase::kBuilt;
  return {};
}

}  // namespace penstock
