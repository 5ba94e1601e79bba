#include "app/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "app/progress_text.h"
#include "base/log.h"

namespace penstock::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kLogInterval = std::chrono::seconds(10);

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::max(std::chrono::duration<double>(to - from).count(), 1e-3);
}

double part_of(const LoadProgress& load) {
  if (load.done) return 1.0;
  return std::min(0.99, static_cast<double>(load.rows) /
                            static_cast<double>(std::max<std::uint64_t>(load.estimated_rows, 1)));
}

}  // namespace

Progress::Progress() : terminal_(isatty(STDERR_FILENO) != 0), last_(Clock::now()), last_log_(Clock::now()) {}

std::chrono::milliseconds Progress::interval() const {
  return std::chrono::milliseconds(terminal_ ? 250 : 1000);
}

std::string Progress::describe(const LoadProgress& load) {
  const auto now = Clock::now();
  Rate& rate = rates_.try_emplace(load.table, Rate{load.rows, now, load.load_id, false}).first->second;
  if (rate.load_id != load.load_id) rate = {0, now, load.load_id, false};  // however short it was
  if (load.done) return fmt::format("{} rows loaded", grouped(load.rows));
  const double speed =
      static_cast<double>(load.rows - std::min(rate.rows, load.rows)) / seconds_between(rate.since, now);
  std::string text = fmt::format("{} of about {} rows, {} rows/s", grouped(load.rows),
                                 grouped(load.estimated_rows), grouped(static_cast<std::uint64_t>(speed)));
  if (speed > 1 && load.estimated_rows > load.rows)
    text += ", " + duration(static_cast<double>(load.estimated_rows - load.rows) / speed) + " left";
  return text;
}

std::string Progress::describe_stream(const LegStats& stats) {
  const auto now = Clock::now();
  const double speed = static_cast<double>(stats.events - events_) / seconds_between(last_, now);
  last_ = now;
  events_ = stats.events;
  return fmt::format(
      "{} changes applied ({:.0f}/s), position {}{}", grouped(stats.events), speed,
      to_string(stats.position.through_lsn),
      stats.dead_letters > 0 ? fmt::format(", {} dead letters", stats.dead_letters) : std::string());
}

void Progress::show(const LegStats& stats) {
  newest_ = stats;
  if (terminal_)
    show_bars(stats);
  else
    log_lines(stats);
}

void Progress::show_bars(const LegStats& stats) {
  std::string out;
  if (lines_ > 0) out = fmt::format("\x1b[{}A", lines_);
  lines_ = 0;
  for (const auto& load : stats.loads) {
    out += fmt::format("\x1b[2K  {:<28} {} {}\n", load.table, bar(part_of(load)), describe(load));
    ++lines_;
  }
  out += "\x1b[2K  " + describe_stream(stats) + "\n";
  ++lines_;
  std::fputs(out.c_str(), stderr);
}

void Progress::log_lines(const LegStats& stats) {
  for (const auto& load : stats.loads) {
    const std::string text = describe(load);
    Rate& rate = rates_[load.table];
    if (load.done && !rate.announced_done) log::info("table {}: {}", load.table, text);
    rate.announced_done = load.done;
  }
  if (Clock::now() - last_log_ < kLogInterval) return;
  last_log_ = Clock::now();
  for (const auto& load : stats.loads)
    if (!load.done) log::info("loading {}: {}", load.table, describe(load));
  if (stats.events != events_) log::info("{}", describe_stream(stats));
}

void Progress::finish(bool well) {
  log::info("{} at {}: {} changes in {} transactions, {} documents written, {} rows loaded",
            well ? "stopped" : "ended by an error", to_string(newest_.position.through_lsn),
            grouped(newest_.events), grouped(newest_.transactions), grouped(newest_.writes),
            grouped(newest_.chunk_rows));
}

}  // namespace penstock::app
