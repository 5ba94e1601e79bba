#include "expression/datetime/moment_text.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "expression/datetime/moment.h"
#include "expression/datetime/moment_reader.h"
#include "expression/datetime/zone.h"
#include "expression/text/character_class.h"

namespace penstock::expression {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  const std::size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

tl::unexpected<Error> refused(MomentProblem problem, std::string_view text, std::string_view type) {
  switch (problem) {
    case MomentProblem::kRange:
      return fail(ErrorKind::kBadValue, fmt::format("date/time field value out of range: \"{}\"", text));
    case MomentProblem::kZone:
      return fail(ErrorKind::kBadValue, fmt::format("time zone displacement out of range: \"{}\"", text));
    default:
      return fail(ErrorKind::kBadValue, fmt::format("invalid input syntax for type {}: \"{}\"", type, text));
  }
}

std::optional<std::int64_t> named_moment(std::string_view plain) {
  if (plain == "infinity" || plain == "+infinity") return kInfiniteMoment;
  if (plain == "-infinity") return kMinusInfiniteMoment;
  return std::nullopt;
}

}  // namespace

Result<std::int64_t> parse_date_text(std::string_view text) {
  const std::string plain = lower_text(trimmed(text));
  if (const auto named = named_moment(plain)) return *named;
  if (plain == "epoch") return -kPostgresEpochDays;
  MomentFields read = read_moment(plain);
  if (read.problem == MomentProblem::kNone && !read.days) read.problem = MomentProblem::kSyntax;
  if (read.problem != MomentProblem::kNone) return refused(read.problem, text, "date");
  if (!is_valid_date(*read.days))
    return fail(ErrorKind::kBadValue, fmt::format("date out of range: \"{}\"", text));
  return *read.days;
}

Result<std::int64_t> parse_timestamp_text(std::string_view text, bool with_zone) {
  const std::string plain = lower_text(trimmed(text));
  if (const auto named = named_moment(plain)) return *named;
  if (plain == "epoch") return -kPostgresEpochDays * kMicrosPerDay;
  MomentFields read = read_moment(plain);
  if (read.problem == MomentProblem::kNone && !read.days) read.problem = MomentProblem::kSyntax;
  if (read.problem != MomentProblem::kNone)
    return refused(read.problem, text, with_zone ? "timestamp with time zone" : "timestamp");
  std::int64_t micros = read.micros.value_or(0);
  const std::int64_t days = *read.days;
  if (with_zone && read.zone != nullptr) {
    const std::int64_t local = (days + kPostgresEpochDays) * 86400 + micros / kMicrosPerSecond;
    micros -= read.zone->offset_at_local(local) * kMicrosPerSecond;
  }
  auto moment = join(days, micros);
  if (!moment) return fail(ErrorKind::kBadValue, fmt::format("timestamp out of range: \"{}\"", text));
  return moment;
}

Result<TimeWithOffset> parse_time_text(std::string_view text, bool with_zone) {
  const std::string plain = lower_text(trimmed(text));
  MomentFields read = read_moment(plain.starts_with('t') ? plain.substr(1) : plain, true);
  if (read.problem == MomentProblem::kNone && !read.micros) read.problem = MomentProblem::kSyntax;
  if (read.problem != MomentProblem::kNone)
    return refused(read.problem, text, with_zone ? "time with time zone" : "time");
  TimeWithOffset time{read.micros.value_or(0), 0};
  if (!with_zone || read.zone == nullptr) return time;
  if (!read.days && !read.zone->is_fixed())
    return refused(MomentProblem::kSyntax, text,
                   "time with time zone");  // its offset is another on other days
  const std::int64_t days = read.days ? *read.days : 0;
  time.offset =
      read.zone->offset_at_local((days + kPostgresEpochDays) * 86400 + time.micros / kMicrosPerSecond);
  return time;
}

}  // namespace penstock::expression
