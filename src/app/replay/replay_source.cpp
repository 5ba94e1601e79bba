#include "app/replay/replay_source.h"

#include <fmt/format.h>

#include <chrono>

#include "app/apply/topics.h"
#include "app/replay/topic_history.h"
#include "base/retry.h"
#include "model/civil_time.h"
#include "sink/mongo/reader.h"

namespace penstock::app {
namespace {

using Clock = std::chrono::steady_clock;
// A running pipeline writes what it has within seconds, also when nothing changes.
constexpr std::chrono::seconds kPatience{10};

// The zone at the end of a time: "Z", "+07", "-03:30". Takes it off; minutes east of UTC.
std::optional<int> take_zone(std::string& text) {
  if (text.ends_with('Z') || text.ends_with('z')) {
    text.pop_back();
    return 0;
  }
  const std::size_t colon = text.find(':');
  const std::size_t sign = colon == std::string::npos ? colon : text.find_first_of("+-", colon);
  if (sign == std::string::npos) return 0;
  const std::string zone = text.substr(sign + 1);
  const bool well = (zone.size() == 2 || (zone.size() == 5 && zone[2] == ':')) &&
                    zone.find_first_not_of("0123456789:") == std::string::npos;
  if (!well) return std::nullopt;
  const int minutes = std::stoi(zone.substr(0, 2)) * 60 + (zone.size() == 5 ? std::stoi(zone.substr(3)) : 0);
  const bool west = text[sign] == '-';
  text.resize(sign);
  return west ? -minutes : minutes;
}

std::optional<std::int64_t> parse_time(std::string text) {
  const auto minutes = take_zone(text);
  if (!minutes) return std::nullopt;
  if (text.size() > 10 && text[10] == 'T') text[10] = ' ';
  if (text.size() == 10) text += " 00:00:00";
  if (text.size() == 16) text += ":00";
  const auto micros = parse_timestamp(text, false);
  if (!micros || *micros == kMinusInfinity || *micros == kPlusInfinity) return std::nullopt;
  return *micros - std::int64_t{*minutes} * 60 * kMicrosPerSecond;
}

Result<journal::ReplayPlan> plan(const Settings& settings, const std::vector<std::string>& tables,
                                 const journal::AsOf& as_of, std::stop_token stop) {
  const auto until = Clock::now() + kPatience;
  for (;;) {
    PENSTOCK_ASSIGN(auto outline, journal::outline(settings.journal.folder, journal::Tail::kVerified));
    if (outline.empty())
      return fail(ErrorKind::kConfiguration,
                  fmt::format("there is no journal in {}: no events were kept", settings.journal.folder),
                  "set journal: true in " + settings.file +
                      ", restart the pipeline, and load the tables anew: penstock resync; or apply it from "
                      "topics, which are replayed themselves");
    if (outline.segments.back().begin.pipeline != settings.pipeline)
      return fail(ErrorKind::kConfiguration,
                  fmt::format("the journal {} is that of pipeline \"{}\"", settings.journal.folder,
                              outline.segments.back().begin.pipeline));
    auto made = journal::plan_replay(std::move(outline), tables, as_of);
    if (made || made.error().kind != ErrorKind::kUsage || Clock::now() >= until) return made;
    if (!sleep_unless_stopped(stop, std::chrono::milliseconds(200)))
      return fail(ErrorKind::kCancelled, "stopped");
  }
}

}  // namespace

Result<journal::AsOf> parse_as_of(const std::string& text) {
  journal::AsOf as_of;
  if (text.empty()) return as_of;
  if (text.find('/') != std::string::npos) {
    PENSTOCK_ASSIGN(as_of.lsn, parse_lsn(text));
    return as_of;
  }
  as_of.micros = parse_time(text);
  if (as_of.micros) return as_of;
  return fail(ErrorKind::kUsage, fmt::format("--as-of: \"{}\" is neither an LSN nor a time", text),
              "e.g. 16/B374D848, '2026-11-26 18:00', 2026-11-26T18:00:00+07:00");
}

Result<ReplaySource> open_replay_source(const Settings& settings, const std::vector<TableName>& tables,
                                        const journal::AsOf& as_of, journal::Loads loads,
                                        std::stop_token stop) {
  PENSTOCK_ASSIGN(const auto reader,
                  mongo::Reader::open(settings.sink.mongodb, settings.sink.database, settings.pipeline));
  PENSTOCK_ASSIGN(const Checkpoint checkpoint, reader->read_checkpoint());
  const bool never_ran = !checkpoint.exists && settings.journal.on;
  if (!never_ran && reads_topics(settings, checkpoint))
    return open_topic_history(settings, tables, as_of, loads, *reader, stop);
  std::vector<std::string> names;
  for (const TableName& table : tables) names.push_back(to_string(table));
  PENSTOCK_ASSIGN(journal::ReplayPlan made, plan(settings, names, as_of, stop));
  ReplaySource source;
  for (const auto& table : made.tables) source.tables.push_back(*table.schema);
  source.reach = fmt::format("the journal {} as of {}, last commit {}", settings.journal.folder,
                             to_string(made.until), journal::time_text(made.until_micros));
  source.source = journal::make_journal_source(std::move(made), loads);
  return source;
}

}  // namespace penstock::app
