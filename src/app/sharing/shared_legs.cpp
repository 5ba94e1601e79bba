#include "app/sharing/shared_legs.h"

#include <utility>

#include "app/apply/health_report.h"
#include "app/apply_factory.h"
#include "app/commands/run.h"
#include "app/factory.h"
#include "app/preflight/joins.h"
#include "base/error_policy.h"
#include "base/log.h"
#include "base/retry.h"
#include "projection/composite_projector.h"

namespace penstock::app {
namespace {

constexpr std::chrono::seconds kPause{1};

Status lead_once(const Sharing& sharing, std::stop_token stop) {
  PENSTOCK_ASSIGN(const auto sink, make_sink(sharing.settings, true, sharing.clients));
  PENSTOCK_TRY(sink->lead(stop));
  if (stop.stop_requested()) return {};
  PENSTOCK_ASSIGN(const Settings joined, with_joins(sharing.settings));
  PENSTOCK_ASSIGN(const auto projector, make_projector(joined));
  PENSTOCK_ASSIGN(const auto report, HealthReport::begin(joined));
  PENSTOCK_ASSIGN(const auto source,
                  make_topic_source(joined, sharing.options, *projector, report->health()));
  log::info("this worker writes the read models");
  Status outcome = run_with_progress(joined.groups, RunOptions{}, *source, *projector, *sink, stop);
  report->ended(outcome);
  return outcome;
}

}  // namespace

Leg::Leg(std::function<Status(std::stop_token)> run)
    : thread_([this, run = std::move(run)](std::stop_token stop) {
        outcome_ = run(std::move(stop));
        ended_ = true;
      }) {}

Status Leg::outcome() {
  if (thread_.joinable()) thread_.join();
  return outcome_;
}

bool passes(const Error& error) { return error.kind == ErrorKind::kFenced || is_outage(error.kind); }

Status run_plain(const Sharing& sharing, const PlainShare& share, std::stop_token stop) {
  const Settings& settings = sharing.settings;
  PENSTOCK_ASSIGN(const auto topics, topics_of(settings));
  mongo::Shares shares;
  for (const PartitionId& partition : share.partitions) {
    const auto topic = topics.find(partition.topic);
    if (topic != topics.end()) shares.emplace(partition, topic->second);
  }
  PENSTOCK_ASSIGN(const auto sink, make_worker_sink(settings, shares, sharing.clients));
  PENSTOCK_ASSIGN(const auto projector, make_projector(settings));
  PENSTOCK_ASSIGN(const auto source, make_shared_source(settings, sharing.options, *projector,
                                                        {share.partitions, share.tell_group}));
  return run_with_progress(settings.groups, RunOptions{}, *source, *projector, *sink, stop);
}

Status run_models(const Sharing& sharing, std::stop_token stop) {
  while (!stop.stop_requested()) {
    const Status outcome = lead_once(sharing, stop);
    if (outcome) continue;
    if (!passes(outcome.error())) return outcome;
    log::warn("read models: {}; trying again, nothing is lost", outcome.error().message);
    sleep_unless_stopped(stop, kPause);
  }
  return {};
}

Settings only(const Settings& settings, bool plain) {
  Settings some = settings;
  std::erase_if(some.collections,
                [&](const CollectionSettings& one) { return one.spec.is_plain() != plain; });
  return some;
}

}  // namespace penstock::app
