// penstock apply.
#include "app/apply/health_report.h"
#include "app/apply/topics.h"
#include "app/apply_factory.h"
#include "app/commands/commands.h"
#include "app/commands/run.h"
#include "app/factory.h"
#include "app/preflight/joins.h"
#include "app/sharing/shared_apply.h"
#include "projection/composite_projector.h"

namespace penstock::app {
namespace {

Status follow(const Settings& settled, const ApplyOptions& options,
              const std::shared_ptr<backbone::TopicHealth>& health, DocumentSink& sink,
              std::stop_token stop) {
  PENSTOCK_ASSIGN(const Settings settings, with_joins(settled));
  PENSTOCK_ASSIGN(const auto projector, make_projector(settings));
  PENSTOCK_ASSIGN(const auto source, make_topic_source(settings, options, *projector, health));
  RunOptions run;
  run.until_current = options.until_current;
  run.small_queues = true;
  return run_with_progress(settings.groups, run, *source, *projector, sink, std::move(stop));
}

}  // namespace

Status apply_command(const Settings& given, const ApplyOptions& options, std::stop_token stop) {
  PENSTOCK_ASSIGN(const Settings settled, with_brokers(given, options.kafka));
  PENSTOCK_TRY(check_brokers(settled));
  if (settled.kafka.share) return apply_shared(settled, options, stop);
  PENSTOCK_ASSIGN(const auto sink, make_sink(settled, true));
  PENSTOCK_TRY(sink->lead(stop));
  if (stop.stop_requested()) return {};
  PENSTOCK_ASSIGN(const auto report, HealthReport::begin(settled));
  Status outcome = follow(settled, options, report->health(), *sink, stop);
  report->ended(outcome);
  return outcome;
}

}  // namespace penstock::app
