// penstock apply.
#include "app/apply_factory.h"
#include "app/commands/commands.h"
#include "app/commands/run.h"
#include "app/factory.h"
#include "app/preflight/joins.h"
#include "app/sharing/shared_apply.h"
#include "projection/composite_projector.h"

namespace penstock::app {
namespace {

Result<Settings> with_kafka(const Settings& given, const ApplyOptions& options) {
  Settings settings = given;
  for (const std::string& setting : options.settings) {
    const std::size_t sign = setting.find('=');
    if (sign == std::string::npos)
      return fail(ErrorKind::kUsage, "-X " + setting + " is no name=value", "penstock apply --help");
    settings.kafka.settings.emplace_back(setting.substr(0, sign), setting.substr(sign + 1));
  }
  if (settings.kafka.share && options.until_current)
    return fail(ErrorKind::kUsage,
                "--until-current: a worker that shares the topics does not know when the others are done",
                "end the workers with SIGTERM once the group has no lag");
  if (!options.brokers.empty()) settings.kafka.brokers = options.brokers;
  if (!settings.kafka.brokers.empty()) return settings;
  return fail(ErrorKind::kConfiguration, settings.file + ": apply reads from Kafka, and no broker is named",
              "add kafka: { brokers: 127.0.0.1:9092 } or --brokers");
}

}  // namespace

Status apply_command(const Settings& given, const ApplyOptions& options, std::stop_token stop) {
  PENSTOCK_ASSIGN(const Settings settled, with_kafka(given, options));
  if (settled.kafka.share) return apply_shared(settled, options, stop);
  PENSTOCK_ASSIGN(const auto sink, make_sink(settled, true));
  PENSTOCK_TRY(sink->lead(stop));
  if (stop.stop_requested()) return {};
  PENSTOCK_ASSIGN(const Settings settings, with_joins(settled));
  PENSTOCK_ASSIGN(const auto projector, make_projector(settings));
  PENSTOCK_ASSIGN(const auto source, make_topic_source(settings, options, *projector));
  RunOptions run;
  run.until_current = options.until_current;
  return run_with_progress(settings.groups, run, *source, *projector, *sink, stop);
}

}  // namespace penstock::app
