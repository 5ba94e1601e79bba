#include "app/commands/run.h"

#include <string>

#include "app/factory.h"
#include "app/preflight/joins.h"
#include "app/progress.h"
#include "base/log.h"
#include "pipeline/leg.h"
#include "projection/composite_projector.h"

namespace penstock::app {

Status run_with_progress(const GroupSettings& groups, const RunOptions& options, Source& source,
                         Projector& projector, DocumentSink& sink, std::stop_token stop) {
  Progress progress;
  LegOptions leg;
  leg.limits.rows = groups.rows;
  leg.limits.bytes = groups.bytes;
  leg.limits.split_rows = std::max(leg.limits.split_rows, groups.rows);
  leg.limits.split_bytes = std::max(leg.limits.split_bytes, groups.bytes);
  leg.until_current = options.until_current;
  leg.until_loaded = options.until_loaded;
  if (options.small_queues) {
    leg.queue_bytes = 1U << 20;
    leg.queued_groups = 1;
  }
  leg.report_interval = progress.interval();
  leg.report = [&](const LegStats& stats) { progress.show(stats); };
  const Status outcome = run_leg(source, projector, sink, leg, stop);
  progress.finish(outcome.has_value());
  return outcome;
}

Status run_command(const Settings& given, const RunOptions& options, std::stop_token stop) {
  PENSTOCK_ASSIGN(const auto sink, make_sink(given));
  PENSTOCK_TRY(sink->lead(stop));
  if (stop.stop_requested()) return {};
  PENSTOCK_ASSIGN(const Settings settings, with_joins(given));
  PENSTOCK_ASSIGN(const auto projector, make_projector(settings));
  const auto source = make_source(settings, *projector);
  return run_with_progress(settings.groups, options, *source, *projector, *sink, stop);
}

Status run_and_reload(Settings settings, const RunOptions& options, Signals& signals) {
  for (;;) {
    const Status outcome = run_command(settings, options, signals.turn());
    if (!outcome || !signals.take_hangup()) return outcome;
    auto reread = load_settings(settings.file).and_then(with_joins);
    if (reread) {
      settings = std::move(*reread);
      log::info("{} was read again", settings.file);
    } else {
      log::error("{} is not taken over, the pipeline goes on as before: {}", settings.file,
                 reread.error().text());
    }
  }
}

}  // namespace penstock::app
