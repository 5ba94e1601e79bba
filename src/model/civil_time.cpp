#include "model/civil_time.h"

#include <charconv>

#include "model/value.h"

namespace penstock {
namespace {

constexpr std::int64_t kMillisPerDay = 86'400'000;
constexpr std::string_view kInfinityText = "infinity";
constexpr std::string_view kMinusInfinityText = "-infinity";
constexpr std::string_view kBeforeChrist = " BC";
constexpr std::size_t kMaxYearDigits = 7;  // PostgreSQL's dates end in 5874897

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads from the front of a text; a failed read leaves the reader failed.
class Reader {
 public:
  explicit Reader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool ok() const { return ok_; }
  bool done() const { return ok_ && at_ == end_; }
  bool next_is(char c) const { return at_ != end_ && *at_ == c; }

  void expect(char c) {
    if (next_is(c)) {
      ++at_;
    } else {
      ok_ = false;
    }
  }
  bool accept(char c) {
    if (!ok_ || !next_is(c)) return false;
    ++at_;
    return true;
  }
  unsigned two_digits(unsigned most) {
    if (end_ - at_ < 2 || !is_digit(at_[0]) || !is_digit(at_[1])) return refuse();
    const unsigned number = static_cast<unsigned>(at_[0] - '0') * 10 + static_cast<unsigned>(at_[1] - '0');
    at_ += 2;
    return number <= most ? number : refuse();
  }
  // At least four digits, as PostgreSQL pads them.
  std::int64_t year() {
    std::int64_t number = 0;
    const char* start = at_;
    while (at_ != end_ && is_digit(*at_) && at_ - start <= static_cast<std::ptrdiff_t>(kMaxYearDigits)) {
      number = number * 10 + (*at_++ - '0');
    }
    const auto digits = static_cast<std::size_t>(at_ - start);
    if (digits < 4 || digits > kMaxYearDigits) ok_ = false;
    return number;
  }
  // What follows a '.': one to six digits, in microseconds.
  std::int64_t fraction() {
    std::int64_t micros = 0;
    int digits = 0;
    for (; at_ != end_ && is_digit(*at_) && digits < 6; ++digits) micros = micros * 10 + (*at_++ - '0');
    if (digits == 0) ok_ = false;
    for (; digits < 6; ++digits) micros *= 10;
    return micros;
  }
  bool accept(std::string_view word) {
    if (!ok_ || std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, word.size()) != word)
      return false;
    at_ += word.size();
    return true;
  }

 private:
  unsigned refuse() {
    ok_ = false;
    return 0;
  }
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

unsigned days_in_month(std::int64_t year, unsigned month) {
  constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

CivilDate read_date(Reader& in) {
  CivilDate date;
  date.year = in.year();
  in.expect('-');
  date.month = in.two_digits(12);
  in.expect('-');
  date.day = in.two_digits(31);
  return date;
}

std::int64_t read_time(Reader& in) {
  const unsigned hour = in.two_digits(23);
  in.expect(':');
  const unsigned minute = in.two_digits(59);
  in.expect(':');
  const unsigned second = in.two_digits(59);
  const std::int64_t micros = in.accept('.') ? in.fraction() : 0;
  return (hour * 3600 + minute * 60 + second) * kMicrosPerSecond + micros;
}

std::optional<std::int64_t> to_days(const CivilDate& date) {
  if (date.month == 0 || date.day == 0 || date.day > days_in_month(date.year, date.month))
    return std::nullopt;
  return days_from_civil(date);
}

// PostgreSQL counts 1 BC, 1 AD and has no year 0.
std::optional<std::int64_t> to_days(CivilDate date, bool before_christ) {
  if (date.year == 0) return std::nullopt;
  if (before_christ) date.year = 1 - date.year;
  return to_days(date);
}

std::optional<std::int64_t> parse_infinity(std::string_view text) {
  if (text == kInfinityText) return kPlusInfinity;
  if (text == kMinusInfinityText) return kMinusInfinity;
  return std::nullopt;
}

void append_padded(std::string& out, std::int64_t number, std::size_t width) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  const auto length = static_cast<std::size_t>(end - digits);
  if (length < width) out.append(width - length, '0');
  out.append(digits, length);
}

void append_month_and_day(std::string& out, const CivilDate& date) {
  out += '-';
  append_padded(out, date.month, 2);
  out += '-';
  append_padded(out, date.day, 2);
}

void append_clock(std::string& out, std::int64_t second_of_day) {
  append_padded(out, second_of_day / 3600, 2);
  out += ':';
  append_padded(out, second_of_day / 60 % 60, 2);
  out += ':';
  append_padded(out, second_of_day % 60, 2);
}

}  // namespace

// Both directions: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
std::int64_t days_from_civil(const CivilDate& date) {
  const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month = (date.month + 9) % 12;
  const std::int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

CivilDate civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<unsigned>(day_of_year - (153 * month + 2) / 5 + 1);
  date.month = static_cast<unsigned>(month < 10 ? month + 3 : month - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  Reader in(text);
  const CivilDate date = read_date(in);
  const bool before_christ = in.accept(kBeforeChrist);
  if (!in.done()) return parse_infinity(text);
  return to_days(date, before_christ);
}

DayTime from_micros(std::int64_t micros) {
  const std::int64_t days = micros / kMicrosPerDay - (micros % kMicrosPerDay < 0 ? 1 : 0);
  const std::int64_t rest = micros % kMicrosPerDay;
  return {days, rest < 0 ? rest + kMicrosPerDay : rest};
}

DayTime from_millis(std::int64_t millis) {
  const std::int64_t days = millis / kMillisPerDay - (millis % kMillisPerDay < 0 ? 1 : 0);
  const std::int64_t rest = millis % kMillisPerDay;
  return {days, (rest < 0 ? rest + kMillisPerDay : rest) * 1000};
}

std::int64_t floor_to_millis(const DayTime& time) { return time.days * kMillisPerDay + time.micros / 1000; }

std::optional<DayTime> parse_day_time(std::string_view text, bool with_zone) {
  Reader in(text);
  const CivilDate date = read_date(in);
  in.expect(' ');
  const std::int64_t time = read_time(in);
  if (with_zone && !in.accept("+00")) return std::nullopt;
  const bool before_christ = in.accept(kBeforeChrist);
  if (!in.done()) return std::nullopt;
  const auto days = to_days(date, before_christ);
  return days ? std::optional(DayTime{*days, time}) : std::nullopt;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text, bool with_zone) {
  const auto time = parse_day_time(text, with_zone);
  if (!time) return parse_infinity(text);
  std::int64_t micros = 0;
  const bool too_late = __builtin_mul_overflow(time->days, kMicrosPerDay, &micros) ||
                        __builtin_add_overflow(micros, time->micros, &micros);
  if (too_late) return time->days < 0 ? std::nullopt : std::optional(kPlusInfinity);
  return micros;
}

std::optional<DayTime> parse_iso_time(std::string_view text) {
  Reader in(text);
  const bool negative = in.accept('-');
  if (!negative) in.accept('+');
  CivilDate date = read_date(in);
  if (negative) date.year = -date.year;
  in.expect('T');
  const std::int64_t time = read_time(in);
  in.expect('Z');
  if (!in.done()) return std::nullopt;
  const auto days = to_days(date);
  return days ? std::optional(DayTime{*days, time}) : std::nullopt;
}

void append_date(std::string& out, std::int64_t days) {
  const CivilDate date = civil_from_days(days);
  const bool before_christ = date.year <= 0;
  append_padded(out, before_christ ? 1 - date.year : date.year, 4);
  append_month_and_day(out, date);
  if (before_christ) out += kBeforeChrist;
}

void append_timestamp(std::string& out, const DayTime& time, bool with_zone) {
  const CivilDate date = civil_from_days(time.days);
  const bool before_christ = date.year <= 0;
  append_padded(out, before_christ ? 1 - date.year : date.year, 4);
  append_month_and_day(out, date);
  out += ' ';
  append_clock(out, time.micros / kMicrosPerSecond);
  if (time.micros % kMicrosPerSecond != 0) {
    out += '.';
    append_padded(out, time.micros % kMicrosPerSecond, 6);
    while (out.back() == '0') out.pop_back();
  }
  if (with_zone) out += "+00";
  if (before_christ) out += kBeforeChrist;
}

void append_timestamp(std::string& out, std::int64_t micros, bool with_zone) {
  if (micros == kPlusInfinity || micros == kMinusInfinity) {
    out += micros == kPlusInfinity ? kInfinityText : kMinusInfinityText;
  } else {
    append_timestamp(out, from_micros(micros), with_zone);
  }
}

void append_iso_time(std::string& out, const DayTime& time) {
  const CivilDate date = civil_from_days(time.days);
  if (date.year < 0) out += '-';
  if (date.year > 9999) out += '+';
  append_padded(out, date.year < 0 ? -date.year : date.year, 4);
  append_month_and_day(out, date);
  out += 'T';
  append_clock(out, time.micros / kMicrosPerSecond);
  out += '.';
  append_padded(out, time.micros % kMicrosPerSecond, 6);
  out += 'Z';
}

}  // namespace penstock
