#include <cstdio>

#include "app/apply/topics.h"
#include "app/commands/commands.h"
#include "app/preflight/pipeline_check.h"
#include "base/log.h"

namespace penstock::app {
namespace {

void print(const std::string& text) {
  std::fputs(redact(text).c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

Status check_command(const Settings& given, const CheckOptions& options) {
  PENSTOCK_ASSIGN(const Settings settings, with_brokers(given, options.kafka));
  PipelineCheck check(settings);
  if (options.offline)
    check.run_offline();
  else
    check.run();
  print(check.report().text());
  if (options.explain) print(check.plan());
  return check.outcome();
}

Status plan_command(const Settings& settings) {
  PipelineCheck check(settings);
  check.run_source();
  const Status outcome = check.outcome();
  if (!outcome) print(check.report().text());
  print(check.plan());
  return outcome;
}

}  // namespace penstock::app
