#include "expression/datetime/moment.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace penstock::expression {
namespace {

constexpr std::int64_t kFirstMoment = -211'813'488'000'000'000;        // 4714-11-24 BC
constexpr std::int64_t kBehindLastMoment = 9'223'371'331'200'000'000;  // 294277-01-01
constexpr std::int64_t kEpochJulianDay = 2'451'545;                    // of 2000-01-01
constexpr std::int64_t kBehindLastDate = 2'147'483'494 - kEpochJulianDay;
constexpr std::int64_t kEpochMicros = kPostgresEpochDays * kMicrosPerDay;

std::int64_t floor_divide(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

}  // namespace

std::int64_t moment_of(const Timestamp& timestamp) {
  if (timestamp.micros == kMinusInfinity) return kMinusInfiniteMoment;
  if (timestamp.micros != kPlusInfinity) return timestamp.micros - kEpochMicros;
  const auto time = parse_day_time(timestamp.text, timestamp.with_zone);
  if (!time) return kInfiniteMoment;
  return (time->days - kPostgresEpochDays) * kMicrosPerDay + time->micros;
}

Value timestamp_value(std::int64_t moment, bool with_zone, Arena& arena) {
  Timestamp timestamp{0, {}, with_zone};
  if (moment == kMinusInfiniteMoment) {
    timestamp.micros = kMinusInfinity;
    timestamp.text = "-infinity";
  } else if (moment == kInfiniteMoment) {
    timestamp.micros = kPlusInfinity;
    timestamp.text = "infinity";
  } else if (__builtin_add_overflow(moment, kEpochMicros, &timestamp.micros) ||
             timestamp.micros == kPlusInfinity) {
    const Civil civil = civil_of(moment);
    std::string text;
    append_timestamp(text, DayTime{civil.days + kPostgresEpochDays, civil.micros_of_day()}, with_zone);
    timestamp.micros = kPlusInfinity;
    timestamp.text = arena.copy(text);
  }
  return timestamp;
}

std::int64_t days_of(const Date& date) {
  const bool infinite = date.days == kMinusInfinity || date.days == kPlusInfinity;
  return infinite ? date.days : date.days - kPostgresEpochDays;
}

Value date_value(std::int64_t days, Arena& arena) {
  if (days == kMinusInfiniteMoment) return Date{kMinusInfinity, "-infinity"};
  if (days == kInfiniteMoment) return Date{kPlusInfinity, "infinity"};
  std::string text;
  append_date(text, days + kPostgresEpochDays);
  return Date{days + kPostgresEpochDays, arena.copy(text)};
}

bool is_valid_moment(std::int64_t moment) { return moment >= kFirstMoment && moment < kBehindLastMoment; }
bool is_valid_date(std::int64_t days) { return days >= -kEpochJulianDay && days < kBehindLastDate; }

Result<std::int64_t> checked_moment(std::int64_t moment) {
  if (!is_valid_moment(moment)) return fail(ErrorKind::kBadValue, "timestamp out of range");
  return moment;
}
Result<std::int64_t> checked_date(std::int64_t days) {
  if (!is_valid_date(days)) return fail(ErrorKind::kBadValue, "date out of range");
  return days;
}

Civil civil_of(std::int64_t moment) {
  const std::int64_t days = floor_divide(moment, kMicrosPerDay);
  return civil_of(days, moment - days * kMicrosPerDay);
}

Civil civil_of(std::int64_t days, std::int64_t micros_of_day) {
  Civil civil;
  civil.days = days;
  civil.date = civil_from_days(days + kPostgresEpochDays);
  const std::int64_t seconds = micros_of_day / kMicrosPerSecond;
  civil.micros = micros_of_day % kMicrosPerSecond;
  civil.hour = seconds / 3600;
  civil.minute = seconds / 60 % 60;
  civil.second = seconds % 60;
  return civil;
}

std::int64_t days_of(const CivilDate& date) { return days_from_civil(date) - kPostgresEpochDays; }

Result<std::int64_t> join(std::int64_t days, std::int64_t micros_of_day) {
  std::int64_t moment = 0;
  if (__builtin_mul_overflow(days, kMicrosPerDay, &moment) ||
      __builtin_add_overflow(moment, micros_of_day, &moment))
    return checked_moment(kMinusInfiniteMoment);
  return checked_moment(moment);
}

unsigned days_in_month(std::int64_t year, unsigned month) {
  constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool is_civil_date(std::int64_t year, std::int64_t month, std::int64_t day) {
  return month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, static_cast<unsigned>(month));
}

std::int64_t julian_day(std::int64_t days) { return days + kEpochJulianDay; }

std::int64_t day_of_week(std::int64_t days) {
  const std::int64_t day = (days + 6) % 7;  // 2000-01-01 was a Saturday
  return day < 0 ? day + 7 : day;
}

std::int64_t day_of_year(const Civil& civil) {
  return civil.days - days_of(CivilDate{civil.date.year, 1, 1}) + 1;
}

IsoWeek iso_week_of(std::int64_t days) {
  IsoWeek week;
  const std::int64_t weekday = day_of_week(days);
  week.day = weekday == 0 ? 7 : weekday;
  // A week belongs to the year of its Thursday.
  const std::int64_t thursday = days - week.day + 4;
  week.year = civil_from_days(thursday + kPostgresEpochDays).year;
  week.week = (thursday - days_of(CivilDate{week.year, 1, 1})) / 7 + 1;
  return week;
}

std::int64_t days_of(const IsoWeek& week) {
  const std::int64_t january_fourth = days_of(CivilDate{week.year, 1, 4});
  const std::int64_t weekday = day_of_week(january_fourth);
  const std::int64_t monday = january_fourth - (weekday == 0 ? 6 : weekday - 1);
  return monday + (week.week - 1) * 7 + week.day - 1;
}

CivilDate add_months(const CivilDate& date, std::int64_t count) {
  const std::int64_t months = date.year * 12 + static_cast<std::int64_t>(date.month) - 1 + count;
  CivilDate later;
  later.year = floor_divide(months, 12);
  later.month = static_cast<unsigned>(months - later.year * 12) + 1;
  later.day = std::min(date.day, days_in_month(later.year, later.month));
  return later;
}

std::optional<std::int64_t> time_of_day(std::string_view text) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  std::int64_t parts[3];
  for (std::size_t i = 0; i < 3; ++i) {
    const char* start = text.data() + i * 3;
    if (std::from_chars(start, start + 2, parts[i]).ptr != start + 2) return std::nullopt;
  }
  std::int64_t micros = 0;
  std::int64_t unit = kMicrosPerSecond / 10;
  for (std::size_t at = 9; text.size() > 8 && text[8] == '.' && at < text.size() && unit > 0;
       ++at, unit /= 10) {
    if (text[at] < '0' || text[at] > '9') break;
    micros += (text[at] - '0') * unit;
  }
  return ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * kMicrosPerSecond + micros;
}

Value time_value(std::int64_t micros_of_day, Arena& arena) {
  const std::int64_t seconds = micros_of_day / kMicrosPerSecond;
  std::string text = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (const std::int64_t micros = micros_of_day % kMicrosPerSecond; micros != 0) {
    text += fmt::format(".{:06}", micros);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return Time{arena.copy(text)};
}

std::optional<std::int64_t> offset_of(std::string_view text) {
  const std::size_t at = text.find_first_of("+-");
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t seconds = 0;
  std::int64_t unit = 3600;
  for (std::size_t i = at + 1; i + 1 < text.size() && unit > 0; i += 3, unit /= 60) {
    seconds += ((text[i] - '0') * 10 + (text[i + 1] - '0')) * unit;
  }
  return text[at] == '-' ? -seconds : seconds;
}

std::int64_t round_micros(std::int64_t micros, std::int32_t precision) {
  std::int64_t unit = 1;
  for (; precision < 6; ++precision) unit *= 10;
  const std::int64_t half = unit / 2;
  return (micros + (micros < 0 ? -half : half)) / unit * unit;
}

}  // namespace penstock::expression
