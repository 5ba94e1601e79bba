#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/apply/topics.h"
#include "app/commands/commands.h"
#include "app/nearest.h"
#include "app/verify/repair.h"
#include "app/verify/verification.h"
#include "base/log.h"

namespace penstock::app {
namespace {

Result<std::vector<std::string>> chosen(const Settings& settings, const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const auto& collection : settings.collections) known.push_back(collection.spec.name);
  for (const std::string& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return fail(
          ErrorKind::kUsage,
          fmt::format("{} has no collection \"{}\"{}", settings.file, name, did_you_mean(name, known)),
          fmt::format("collections: {}", fmt::join(known, ", ")));
  return names.empty() ? known : names;
}

void advise(const Settings& settings, const RepairPlan& plan) {
  for (const mongo::Difference* difference : plan.by_hand)
    log::warn(
        "the `_id` {} of {} was not made from a row's key: another program wrote the document, and it is "
        "left "
        "alone. To remove it: db.getCollection(\"{}\").deleteOne({{_id: {}}})",
        difference->id, difference->collection, difference->collection, difference->id);
  for (const std::string& name : plan.too_many)
    log::warn("too many documents of {} differ to be repaired one by one: penstock rebuild {} {}", name,
              settings.file, name);
}

// What the repaired collections look like now takes the place of what was found.
void update(VerifyReport& report, VerifyReport again) {
  const std::uint64_t before = report.different();
  const auto renewed = [&](const std::string& name) {
    return std::any_of(again.collections.begin(), again.collections.end(),
                       [&](const auto& one) { return one.collection == name; });
  };
  std::erase_if(report.differences, [&](const auto& one) { return renewed(one.collection); });
  std::move(again.differences.begin(), again.differences.end(), std::back_inserter(report.differences));
  for (mongo::CollectionResult& one : report.collections)
    for (const mongo::CollectionResult& now : again.collections)
      if (one.collection == now.collection) one = now;
  report.one_position =
      report.one_position && again.one_position && again.collections.size() == report.collections.size();
  report.position = again.position;
  report.seconds += again.seconds;
  report.repaired = before - std::min(before, report.different());
}

Status repair_and_look_again(const Settings& settings, const VerifyRequest& request, std::stop_token stop,
                             VerifyReport& report) {
  PENSTOCK_ASSIGN(const RepairPlan plan, plan_repair(settings, report));
  advise(settings, plan);
  if (plan.empty()) return {};
  PENSTOCK_ASSIGN(const bool done, repair(settings, plan, stop));
  if (!done) {
    log::warn("no process runs the pipeline: its next start repairs {} documents and builds {} collections",
              plan.rows.size(), plan.rebuilds.size());
    return {};
  }
  VerifyRequest again = request;
  again.collections = plan.collections();
  PENSTOCK_ASSIGN(VerifyReport after, verify(settings, again, stop));
  update(report, std::move(after));
  return {};
}

}  // namespace

Status verify_command(const Settings& given, const VerifyOptions& options, std::stop_token stop) {
  PENSTOCK_ASSIGN(const Settings settings, with_brokers(given, options.kafka));
  if (options.repair && settings.kafka.share)
    return fail(ErrorKind::kConfiguration,
                settings.file + ": workers share the pipeline, and do not see rows to be repaired",
                "verify without --repair; penstock teardown PIPELINE --yes and a new start of the workers "
                "read the topics from the beginning");
  VerifyRequest request;
  PENSTOCK_ASSIGN(request.collections, chosen(settings, options.collections));
  request.sample = options.sample_percent / 100;
  request.folder = options.folder;
  auto report = verify(settings, request, stop);
  if (report && !report->equal() && options.repair)
    if (Status repaired = repair_and_look_again(settings, request, stop, *report); !repaired)
      report = fail(std::move(repaired).error());
  if (!report && report.error().kind == ErrorKind::kCancelled)
    return fail(ErrorKind::kCheckFailed, report.error().message);  // not done, so not exit code 0
  if (!report) return fail(std::move(report).error());
  std::fputs((options.json ? verify_json(*report, options.limit) + "\n" : verify_text(*report, options.limit))
                 .c_str(),
             stdout);
  std::fflush(stdout);
  if (report->equal()) return {};
  return fail(ErrorKind::kCheckFailed,
              fmt::format("{} documents differ from PostgreSQL's rows", report->different()),
              options.repair ? "" : fmt::format("penstock verify {} --repair", settings.file));
}

}  // namespace penstock::app
