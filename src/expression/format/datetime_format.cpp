#include "expression/format/datetime_format.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <unordered_map>

#include "expression/datetime/moment.h"
#include "expression/format/datetime_fields.h"
#include "expression/format/pattern.h"
#include "expression/text/character_class.h"

namespace penstock::expression {
namespace {

constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};
constexpr const char* kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                 "Thursday", "Friday", "Saturday"};
constexpr const char* kRomanMonths[] = {"I",   "II",   "III", "IV", "V",  "VI",
                                        "VII", "VIII", "IX",  "X",  "XI", "XII"};
constexpr std::size_t kNameWidth = 9;

// What is printed, of a moment or an interval; an interval's year, month and day count from zero.
struct Fields {
  bool interval = false;
  bool with_zone = false;
  std::int64_t year = 0;
  std::int64_t month = 0;
  std::int64_t day = 0;
  std::int64_t day_of_year = 0;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t micros = 0;
  std::int64_t days = 0;  // since 2000-01-01 of year, month and day taken as a date
  std::int64_t shown_year() const { return interval || year > 0 ? year : 1 - year; }
};

std::string padded(std::int64_t number, int width) { return fmt::format("{:0{}}", number, width); }

// The name as the keyword is written: all upper, first upper, all lower.
std::string cased(std::string_view name, std::string_view keyword) {
  if (is_lower(static_cast<unsigned char>(keyword[0]))) return lower_text(name);
  return is_lower(static_cast<unsigned char>(keyword[1])) ? std::string(name) : upper_text(name);
}

std::string meridiem(const Fields& fields, std::string_view keyword) {
  const bool dots = keyword.size() > 2;
  const bool after_noon = ((fields.hour % 24) + 24) % 24 >= 12 && fields.hour >= 0;
  const std::string text = after_noon ? (dots ? "P.M." : "PM") : (dots ? "A.M." : "AM");
  return keyword[0] >= 'a' ? lower_text(text) : text;
}

std::string era(const Fields& fields, std::string_view keyword) {
  const bool dots = keyword.size() > 2;
  const std::string text = fields.year <= 0 ? (dots ? "B.C." : "BC") : (dots ? "A.D." : "AD");
  return keyword[0] >= 'a' ? lower_text(text) : text;
}

std::string century(const Fields& fields, bool fill) {
  std::int64_t number = 0;
  if (fields.interval) {
    number = fields.year / 100;
  } else {
    number = fields.year > 0 ? (fields.year - 1) / 100 + 1 : fields.year / 100 - 1;
  }
  if (number > 99 || number < -99) return std::to_string(number);
  return padded(number, fill ? 0 : number >= 0 ? 2 : 3);
}

std::string roman_month(const Fields& fields, const PatternNode& node) {
  if (fields.month == 0 && fields.year == 0) return {};
  std::int64_t index = fields.month - 1;
  if (fields.month == 0) index = fields.year >= 0 ? 11 : 0;
  if (fields.month < 0) index = 12 + fields.month;
  const std::string name = kRomanMonths[index];
  const std::string text = node.name == "rm" ? lower_text(name) : name;
  return fmt::format("{:<{}}", text, node.fill ? 0 : 4);
}

std::int64_t iso_year(const Fields& fields) {
  const std::int64_t year = iso_week_of(fields.days).year;
  return fields.interval || year > 0 ? year : 1 - year;
}

// The last digits of a year; a negative one (of an interval) has its sign besides.
std::string year_digits(std::int64_t year, int digits, bool fill) {
  std::int64_t rest = year;
  if (digits == 3) rest = year % 1000;
  if (digits == 2) rest = year % 100;
  if (digits == 1) rest = year % 10;
  if (digits == 1) return std::to_string(rest);
  return padded(rest, fill ? 0 : year >= 0 ? digits : digits + 1);
}

std::string two_digits(std::int64_t number, bool fill) {
  return padded(number, fill ? 0 : number >= 0 ? 2 : 3);
}

// Fields that are numbers: those may be ordinals.
std::optional<std::string> number_text(const Fields& fields, const PatternNode& node) {
  constexpr std::int64_t kUnits[] = {100'000, 10'000, 1000, 100, 10, 1};
  const bool fill = node.fill;
  switch (node.field) {
    case kHour12:
      return padded(fields.hour % 12 == 0 ? 12 : fields.hour % 12, fill ? 0 : fields.hour >= 0 ? 2 : 3);
    case kHour24:
      return two_digits(fields.hour, fill);
    case kMinute:
      return two_digits(fields.minute, fill);
    case kSecond:
      return two_digits(fields.second, fill);
    case kFraction1:
    case kFraction2:
    case kFraction3:
    case kFraction4:
    case kFraction5:
    case kFraction6:
      return padded(fields.micros / kUnits[node.field - kFraction1], node.field - kFraction1 + 1);
    case kSecondOfDay:
      return std::to_string((fields.hour * 60 + fields.minute) * 60 + fields.second);
    case kMonth:
      return two_digits(fields.month, fill);
    case kDayOfYear:
      return padded(fields.day_of_year, fill ? 0 : 3);
    case kDayOfMonth:
      return padded(fields.day, fill ? 0 : 2);
    case kWeekOfYear:
      return padded((fields.day_of_year - 1) / 7 + 1, fill ? 0 : 2);
    case kWeekOfMonth:
      return std::to_string((fields.day - 1) / 7 + 1);
    case kCentury:
      return century(fields, fill);
    case kYear4:
    case kYear3:
    case kYear2:
    case kYear1:
      return year_digits(fields.shown_year(), kYear1 - node.field + 1, fill);
    case kYearComma:
      return fmt::format("{},{:03}", fields.shown_year() / 1000, fields.shown_year() % 1000);
    default:
      return std::nullopt;
  }
}

// Numbers that only a date has.
std::optional<std::string> date_number_text(const Fields& fields, const PatternNode& node) {
  const bool fill = node.fill;
  const IsoWeek week = iso_week_of(fields.days);
  switch (node.field) {
    case kIsoDayOfYear:
      return padded(fields.days - days_of(IsoWeek{week.year, 1, 1}) + 1, fill ? 0 : 3);
    case kDayOfWeek:
      return std::to_string(day_of_week(fields.days) + 1);
    case kIsoDayOfWeek:
      return std::to_string(week.day);
    case kIsoWeek:
      return padded(week.week, fill ? 0 : 2);
    case kQuarter:
      return std::to_string((fields.month - 1) / 3 + 1);
    case kJulian:
      return std::to_string(julian_day(fields.days));
    case kIsoYear4:
    case kIsoYear3:
    case kIsoYear2:
    case kIsoYear1:
      return year_digits(iso_year(fields), kIsoYear1 - node.field + 1, fill);
    default:
      return std::nullopt;
  }
}

std::string name_text(const Fields& fields, const PatternNode& node) {
  const bool plain = node.fill || node.translate;
  switch (node.field) {
    case kMeridiem:
      return meridiem(fields, node.name);
    case kEra:
      return era(fields, node.name);
    case kMonthName:
      return fmt::format("{:<{}}", cased(kMonths[fields.month - 1], node.name), plain ? 0 : kNameWidth);
    case kMonthShort:
      return cased(std::string_view(kMonths[fields.month - 1]).substr(0, 3), node.name);
    case kDayName:
      return fmt::format("{:<{}}", cased(kDays[day_of_week(fields.days)], node.name), plain ? 0 : kNameWidth);
    case kDayShort:
      return cased(std::string_view(kDays[day_of_week(fields.days)]).substr(0, 3), node.name);
    case kRoman:
      return roman_month(fields, node);
    case kZone:
      if (!fields.with_zone) return {};
      return node.name[0] == 't' ? "utc" : "UTC";
    case kZoneHour:
    case kOffset:
      return "+00";
    case kZoneMinute:
      return "00";
    default:
      return {};  // FX says how texts are read
  }
}

bool has_no_meaning_for_interval(int field) {
  switch (field) {
    case kEra:
    case kMonthName:
    case kMonthShort:
    case kDayName:
    case kDayShort:
    case kDayOfWeek:
    case kIsoDayOfWeek:
    case kZone:
    case kZoneHour:
    case kZoneMinute:
    case kOffset:
      return true;
    default:
      return false;
  }
}
// PostgreSQL takes an interval's counts for a date here, which gives numbers without a meaning.
bool needs_date(int field) {
  switch (field) {
    case kIsoDayOfYear:
    case kIsoWeek:
    case kJulian:
    case kIsoYear4:
    case kIsoYear3:
    case kIsoYear2:
    case kIsoYear1:
      return true;
    default:
      return false;
  }
}

constexpr std::size_t kKeptPatterns = 64;

const std::vector<PatternNode>& parsed(std::string_view pattern) {
  thread_local std::unordered_map<std::string, std::vector<PatternNode>> kept;
  if (kept.size() > kKeptPatterns) kept.clear();
  auto [place, fresh] = kept.try_emplace(std::string(pattern));
  if (fresh) place->second = parse_pattern(pattern, datetime_keywords(), true);
  return place->second;
}

Result<std::string> format(const Fields& fields, std::string_view pattern) {
  std::string out;
  for (const PatternNode& node : parsed(pattern)) {
    if (node.field == PatternNode::kText) {
      out += node.text;
      continue;
    }
    if (fields.interval && has_no_meaning_for_interval(node.field))
      return fail(ErrorKind::kBadValue, "invalid format specification for an interval value");
    if (fields.interval && needs_date(node.field))
      return fail(ErrorKind::kBadValue, fmt::format("\"{}\" has no meaning for an interval", node.name));
    if (fields.interval && fields.month == 0 && node.field == kQuarter) continue;
    auto number = number_text(fields, node);
    if (!number) number = date_number_text(fields, node);
    out += number ? *number : name_text(fields, node);
    if (number && node.ordinal != 0) out += ordinal_of(*number, node.ordinal == 'T');
  }
  return out;
}

}  // namespace

Result<std::string> format_moment(std::int64_t moment, bool with_zone, std::string_view pattern) {
  const Civil civil = civil_of(moment);
  Fields fields;
  fields.with_zone = with_zone;
  fields.year = civil.date.year;
  fields.month = civil.date.month;
  fields.day = civil.date.day;
  fields.day_of_year = expression::day_of_year(civil);
  fields.hour = civil.hour;
  fields.minute = civil.minute;
  fields.second = civil.second;
  fields.micros = civil.micros;
  fields.days = civil.days;
  return format(fields, pattern);
}

Result<std::string> format_span(const Span& span, std::string_view pattern) {
  const SpanFields parts = fields_of(span);
  Fields fields;
  fields.interval = true;
  fields.year = parts.years;
  fields.month = parts.months;
  fields.day = parts.days;
  // Counted in 32 bits, as there.
  fields.day_of_year = static_cast<std::int32_t>(std::int64_t{span.months} * 30 + parts.days);
  fields.hour = parts.hours;
  fields.minute = parts.minutes;
  fields.second = parts.seconds;
  fields.micros = parts.micros;
  return format(fields, pattern);
}

}  // namespace penstock::expression
