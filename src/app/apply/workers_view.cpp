#include "app/apply/workers_view.h"

#include <algorithm>
#include <chrono>

#include "app/apply/topics.h"
#include "backbone/group_members.h"

namespace penstock::app {
namespace {

constexpr std::chrono::milliseconds kPatience{5000};

WorkersView::Worker& worker_named(WorkersView& view, const std::string& name) {
  const auto place = std::lower_bound(view.workers.begin(), view.workers.end(), name,
                                      [](const auto& one, const auto& other) { return one.name < other; });
  if (place != view.workers.end() && place->name == name) return *place;
  return *view.workers.insert(place, WorkersView::Worker{name, 0, {}, 0, {}});
}

}  // namespace

WorkersView workers_of(const SharedPlaces& shared) {
  WorkersView view;
  for (const auto& [partition, share] : shared.partitions) {
    if (share.worker.empty()) continue;
    WorkersView::Worker& worker = worker_named(view, share.worker);
    ++worker.partitions;
    worker.since_millis = std::max(worker.since_millis, share.since_millis);
  }
  return view;
}

void put_lag(const SharedPlaces& shared, const std::map<PartitionId, std::int64_t>& ends, WorkersView& view) {
  for (auto& worker : view.workers) worker.lag = 0;
  for (const auto& [partition, share] : shared.partitions) {
    const auto end = ends.find(partition);
    if (share.worker.empty() || end == ends.end()) continue;
    const std::int64_t behind = end->second - (share.place ? share.place->next : 0);
    *worker_named(view, share.worker).lag += static_cast<std::uint64_t>(std::max<std::int64_t>(behind, 0));
  }
}

void put_members(const std::vector<std::string>& members, WorkersView& view) {
  for (const std::string& name : members) worker_named(view, name);
  for (auto& worker : view.workers)
    worker.in_group = std::find(members.begin(), members.end(), worker.name) != members.end();
}

Result<std::size_t> count_workers(const Settings& settings) {
  backbone::ConsumerOptions options = consumer_options(settings);
  options.timeout = kPatience;
  PENSTOCK_ASSIGN(const auto consumer, backbone::Consumer::open(options));
  return backbone::members_of(*consumer, options).map([](const auto& members) { return members.size(); });
}

}  // namespace penstock::app
