// What summaries must see before the first event that the sink has not seen.
#include "projection/view/view_projector.h"

namespace penstock {

// The sink may have documents of groups as rows came to them by tasks and due entries that the last process
// did and did not save. Those are done again here: later the rows' groups may be others already, and nobody
// would know of these documents.
Status ViewProjector::replay_summaries() {
  for (auto& collection : collections_.all()) {
    if (!collection->tree->summary || !collection->follows()) continue;
    if (!collection->marks.empty()) {
      WriteGroup scratch;
      DocumentWriter writer(scratch);
      for (const Marks::Entry& entry : collection->marks.take())
        PENSTOCK_TRY(writer.make(*collection, entry.key, entry.mark));
      replayed_ = true;
    }
    PENSTOCK_TRY(settle_tasks(*collection));
    PENSTOCK_TRY(settle_due(*collection));
  }
  return {};
}

Status ViewProjector::settle_tasks(Collection& collection) {
  while (FanOutTask* task = fan_out_.next_of(collection.name())) {
    WriteGroup scratch;
    std::vector<std::string_view> roots;
    PENSTOCK_ASSIGN(const bool more, task_roots(*task, collection, scratch.arena, roots));
    Mark mark;
    mark.cause = task->cause;
    mark.since = task->since;
    DocumentWriter writer(scratch);
    for (const std::string_view root : roots) PENSTOCK_TRY(writer.make(collection, root, mark));
    PENSTOCK_TRY(more ? fan_out_.moved_on() : fan_out_.ended());
    replayed_ = true;
  }
  return {};
}

Status ViewProjector::settle_due(Collection& collection) {
  for (;;) {
    std::vector<DueQueue::Entry> entries;
    PENSTOCK_TRY(due_.take_of(collection.name(), options_.step_documents, entries));
    if (entries.empty()) return {};
    WriteGroup scratch;
    DocumentWriter writer(scratch);
    for (const DueQueue::Entry& entry : entries) PENSTOCK_TRY(writer.make(collection, entry.key, entry.mark));
    replayed_ = true;
  }
}

}  // namespace penstock
