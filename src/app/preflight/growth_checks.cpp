#include "app/preflight/growth_checks.h"

#include <fmt/format.h>

namespace penstock::app {
namespace {

// MongoDB manual: "MongoDB Limits and Thresholds", BSON Document Size.
constexpr double kLargestDocument = 16.0 * 1024 * 1024;
constexpr double kNear = 0.5;  // the statistics are estimates

void report_fan_out(const CollectionSpec& spec, const FanOut& fan_out, std::size_t group_rows,
                    Report& report) {
  if (fan_out.documents < 2) return;
  const std::string count = count_text(fan_out.documents);
  if (spec.is_summary())
    return report.ok(to_string(fan_out.table),
                     fmt::format("one row counts in up to about {} rows that {} sums up ({})", count,
                                 spec.name, fan_out.embed));
  const std::string text =
      fmt::format("one row is shown in up to about {} documents of {} ({})", count, spec.name, fan_out.embed);
  if (fan_out.documents <= static_cast<double>(group_rows))
    report.ok(to_string(fan_out.table), text);
  else
    report.warn(to_string(fan_out.table),
                text + ": a change of a column they show is written in steps, between other changes",
                "show fewer of its columns, or raise groups.rows if it must be one step");
}

void report_growth(const CollectionSpec& spec, const Growth& growth, Report& report) {
  if (growth.bytes < kLargestDocument * kNear || growth.embed.empty()) return;
  report.warn(
      "collection " + spec.name,
      fmt::format("its largest document may reach about {}, with about {} rows of \"{}\"; MongoDB's limit is "
                  "16 MiB",
                  size_text(growth.bytes), count_text(growth.rows), growth.embed),
      fmt::format("give \"{}\" fewer fields or a \"limit\", or keep its rows in a collection of their own; "
                  "\"max_array\" makes it an error that names the document",
                  growth.embed));
}

}  // namespace

void check_growth(const Settings& settings, const Statistics& statistics, Report& report) {
  for (const Settings::Table& table : settings.tables()) {
    const auto known = statistics.find(to_string(table.name));
    if (!table.mirrored || known == statistics.end() || !known->second.columns.empty()) continue;
    if (known->second.rows > 0)
      report.warn(known->first, "was never analyzed: how far its rows reach cannot be said",
                  fmt::format("ANALYZE {};", quoted(table.name)));
  }
  for (const CollectionSettings& collection : settings.collections) {
    if (collection.spec.is_plain()) continue;
    for (const FanOut& fan_out : fan_outs(collection.spec, statistics))
      report_fan_out(collection.spec, fan_out, settings.groups.rows, report);
    report_growth(collection.spec, largest_document(collection.spec, statistics), report);
  }
}

}  // namespace penstock::app
