// Intervals out of text and into it (PostgreSQL manual: "Interval Input", "Interval Output").
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <vector>

#include "expression/datetime/interval.h"
#include "expression/datetime/unit.h"
#include "expression/text/character_class.h"
#include "model/civil_time.h"

namespace penstock::expression {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

enum class Kind { kNumber, kTime, kWord };
struct Token {
  Kind kind = Kind::kNumber;
  std::string text;  // with its sign
};

// The pieces PostgreSQL takes a text apart into; blanks and other punctuation only separate them.
std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (letter(text[at])) {
      while (at < text.size() && letter(text[at])) ++at;
      tokens.push_back({Kind::kWord, std::string(text.substr(start, at - start))});
      continue;
    }
    const bool sign = text[at] == '+' || text[at] == '-';
    std::size_t first = at + (sign ? 1 : 0);
    while (sign && first < text.size() && text[first] == ' ') ++first;
    const bool number = first < text.size() && (digit(text[first]) || text[first] == '.');
    if (!number) {
      ++at;
      continue;
    }
    at = first;
    bool colon = false;
    while (at < text.size() && (digit(text[at]) || text[at] == ':' || text[at] == '.' ||
                                (text[at] == '-' && at + 1 < text.size() && digit(text[at + 1]) && !colon))) {
      colon = colon || text[at] == ':';
      ++at;
    }
    std::string token = sign ? std::string(1, text[start]) : std::string();
    tokens.push_back({colon ? Kind::kTime : Kind::kNumber, token.append(text.substr(first, at - first))});
  }
  return tokens;
}

// Collects the counts of one text. Fields may be given once each.
class Collector {
 public:
  bool number(std::string_view text, Unit unit) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const std::size_t end = text.find_first_not_of("0123456789");
    const std::string_view whole_text = text.substr(0, end);
    std::int64_t whole = 0;
    const auto read = std::from_chars(whole_text.data(), whole_text.data() + whole_text.size(), whole);
    if (!whole_text.empty() && read.ec != std::errc{}) return overflow();
    double fraction = 0;
    if (end != std::string_view::npos) {
      const std::string rest(text.substr(end));
      if (rest[0] == '-') return !whole_text.empty() && years_and_months(whole, rest, negative);
      if (rest.find_first_not_of("0123456789", 1) != std::string::npos) return false;
      if (rest.size() > 1) fraction = std::strtod(rest.c_str(), nullptr);
      if (whole_text.empty() && rest.size() == 1) return false;
    }
    return take(negative ? -whole : whole, negative ? -fraction : fraction, unit);
  }

  bool time(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    std::int64_t parts[3] = {0, 0, 0};
    std::int64_t micros = 0;
    int count = 0;
    bool fraction = false;
    while (count < 3 && !fraction) {
      const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
      if (end == 0) return false;
      if (std::from_chars(text.data(), text.data() + end, parts[count++]).ec != std::errc{})
        return overflow();
      text.remove_prefix(end);
      if (text.empty()) break;
      fraction = text[0] == '.';
      if (!fraction && text[0] != ':') return false;
      text.remove_prefix(1);
    }
    if (fraction && !read_fraction(text, micros)) return false;
    if (!fraction && !text.empty()) return false;
    if (count < 2) return false;
    if (fraction && count == 2) {  // mm:ss.fff
      parts[2] = parts[1];
      parts[1] = parts[0];
      parts[0] = 0;
    }
    if (parts[1] > 59 || parts[2] > 60) return overflow();
    if (!once(1U << 0 | 1U << 1 | 1U << 2)) return false;
    std::int64_t hours = 0;
    if (__builtin_mul_overflow(parts[0], 3600 * kMicrosPerSecond, &hours)) return overflow();
    micros += (parts[1] * 60 + parts[2]) * kMicrosPerSecond;
    return add_micros(negative ? -hours : hours) && add_micros(negative ? -micros : micros);
  }

  bool empty() const { return seen_ == 0; }
  bool overflowed() const { return overflowed_; }
  void negate() { ago_ = true; }
  std::optional<Span> span() const {
    Span span;
    std::int64_t months = 0;
    const std::int64_t sign = ago_ ? -1 : 1;
    if (__builtin_mul_overflow(years_, 12, &months) || __builtin_add_overflow(months, months_, &months))
      return std::nullopt;
    std::int64_t days = 0;
    if (__builtin_mul_overflow(months, sign, &months) || __builtin_mul_overflow(days_, sign, &days) ||
        __builtin_mul_overflow(micros_, sign, &span.micros))
      return std::nullopt;
    span.months = static_cast<std::int32_t>(months);
    span.days = static_cast<std::int32_t>(days);
    if (span.months != months || span.days != days) return std::nullopt;
    return span;
  }

  bool take(std::int64_t whole, double fraction, Unit unit) {
    switch (unit) {
      case Unit::kMicrosecond:
        return once(1U << 3) && add_micros(whole) && add_fraction(fraction, 1);
      case Unit::kMillisecond:
        return once(1U << 4) && add_scaled(whole, fraction, 1000);
      case Unit::kSecond:
        return once(fraction == 0 ? 1U << 2 : 1U << 2 | 1U << 3 | 1U << 4) &&
               add_scaled(whole, fraction, kMicrosPerSecond);
      case Unit::kMinute:
        return once(1U << 1) && add_scaled(whole, fraction, 60 * kMicrosPerSecond);
      case Unit::kHour:
        return once(1U << 0) && add_scaled(whole, fraction, 3600 * kMicrosPerSecond);
      case Unit::kDay:
        return once(1U << 5) && add_days(whole, 1) && add_fraction(fraction, kMicrosPerDay);
      case Unit::kWeek:
        return once(1U << 6) && add_days(whole, 7) && add_fraction_of_days(fraction, 7);
      case Unit::kMonth:
        return once(1U << 7) && add_months(whole) && add_fraction_of_days(fraction, 30);
      case Unit::kYear:
        return once(1U << 8) && add_years(whole, fraction, 1);
      case Unit::kDecade:
        return once(1U << 9) && add_years(whole, fraction, 10);
      case Unit::kCentury:
        return once(1U << 10) && add_years(whole, fraction, 100);
      case Unit::kMillennium:
        return once(1U << 11) && add_years(whole, fraction, 1000);
      default:
        return false;
    }
  }
  // ISO 8601 gives a field as often as it likes.
  void forget_what_was_given() { seen_ = 0; }

 private:
  bool overflow() {
    overflowed_ = true;
    return false;
  }
  bool once(unsigned fields) {
    if ((seen_ & fields) != 0) return false;
    seen_ |= fields;
    return true;
  }
  bool add_micros(std::int64_t micros) {
    return !__builtin_add_overflow(micros_, micros, &micros_) || overflow();
  }
  bool add_fraction(double fraction, std::int64_t unit) {
    if (fraction == 0) return true;
    const double exact = fraction * static_cast<double>(unit);
    auto micros = static_cast<std::int64_t>(exact);
    const double rest = exact - static_cast<double>(micros);
    if (rest > 0.5) ++micros;
    if (rest < -0.5) --micros;
    return add_micros(micros);
  }
  bool add_scaled(std::int64_t whole, double fraction, std::int64_t unit) {
    std::int64_t micros = 0;
    if (__builtin_mul_overflow(whole, unit, &micros)) return overflow();
    return add_micros(micros) && add_fraction(fraction, unit);
  }
  bool add_days(std::int64_t count, std::int64_t unit) {
    std::int64_t days = 0;
    const bool fits = !__builtin_mul_overflow(count, unit, &days) && within_int32(days) &&
                      !__builtin_add_overflow(days_, days, &days_) && within_int32(days_);
    return fits || overflow();
  }
  bool add_fraction_of_days(double fraction, int unit) {
    const double exact = fraction * unit;
    const int whole = static_cast<int>(exact);
    return add_days(whole, 1) && add_fraction(exact - whole, kMicrosPerDay);
  }
  bool add_months(std::int64_t count) {
    months_ += within_int32(count) ? count : 0;
    return (within_int32(count) && within_int32(months_)) || overflow();
  }
  bool add_years(std::int64_t count, double fraction, std::int64_t unit) {
    std::int64_t years = 0;
    const bool fits = !__builtin_mul_overflow(count, unit, &years) && within_int32(years) &&
                      !__builtin_add_overflow(years_, years, &years_) && within_int32(years_);
    if (!fits) return overflow();
    return add_months(static_cast<std::int64_t>(std::rint(fraction * static_cast<double>(unit) * 12)));
  }
  bool years_and_months(std::int64_t years, std::string_view rest, bool negative) {
    rest.remove_prefix(1);
    if (rest.empty() || rest.size() > 2 || rest.find_first_not_of("0123456789") != std::string_view::npos)
      return false;
    std::int64_t months = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), months);
    if (months > 11) return overflow();
    std::int64_t total = 0;
    if (__builtin_mul_overflow(years, 12, &total)) return overflow();
    total += months;
    return once(1U << 7) && add_months(negative ? -total : total);
  }
  static bool within_int32(std::int64_t number) {
    return number >= std::numeric_limits<std::int32_t>::min() &&
           number <= std::numeric_limits<std::int32_t>::max();
  }
  bool read_fraction(std::string_view digits, std::int64_t& micros) {
    if (digits.find_first_not_of("0123456789") != std::string_view::npos) return false;
    const std::string text = "0." + std::string(digits);
    micros = std::llrint(std::strtod(text.c_str(), nullptr) * 1e6);
    return true;
  }

  unsigned seen_ = 0;
  bool overflowed_ = false;
  bool ago_ = false;
  std::int64_t years_ = 0;
  std::int64_t months_ = 0;
  std::int64_t days_ = 0;
  std::int64_t micros_ = 0;
};

// From the last piece to the first, as a number is followed by its unit.
bool read_postgres(std::string_view text, Collector& into) {
  const std::vector<Token> tokens = tokens_of(text);
  Unit unit = Unit::kSecond;
  for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) {
    switch (token->kind) {
      case Kind::kTime:
        if (!into.time(token->text)) return false;
        unit = Unit::kDay;
        break;
      case Kind::kNumber:
        if (!into.number(token->text, unit)) return false;
        break;
      case Kind::kWord:
        if (lower_text(token->text) == "ago") {
          into.negate();
          unit = Unit::kSecond;
        } else {
          const auto named = unit_named(token->text);
          if (!named) return false;
          unit = *named;
        }
        break;
    }
  }
  return !into.empty();
}

std::optional<Unit> iso_unit(char designator, bool in_time) {
  switch (designator) {
    case 'Y':
      return in_time ? std::nullopt : std::optional(Unit::kYear);
    case 'M':
      return in_time ? Unit::kMinute : Unit::kMonth;
    case 'W':
      return in_time ? std::nullopt : std::optional(Unit::kWeek);
    case 'D':
      return in_time ? std::nullopt : std::optional(Unit::kDay);
    case 'H':
      return in_time ? std::optional(Unit::kHour) : std::nullopt;
    case 'S':
      return in_time ? std::optional(Unit::kSecond) : std::nullopt;
    default:
      return std::nullopt;
  }
}

// The format with designators: "P1Y2M3DT4H5M6S".
bool read_iso(std::string_view text, Collector& into) {
  if (text.size() < 2 || text[0] != 'P') return false;
  bool in_time = false;
  bool any = false;
  for (std::size_t at = 1; at < text.size();) {
    if (text[at] == 'T' && !in_time) {
      in_time = true;
      ++at;
      continue;
    }
    std::size_t end = at + (text[at] == '-' || text[at] == '+' ? 1 : 0);
    while (end < text.size() && (digit(text[end]) || text[end] == '.')) ++end;
    const auto unit = end < text.size() ? iso_unit(text[end], in_time) : std::nullopt;
    into.forget_what_was_given();
    if (!unit || end == at || !into.number(text.substr(at, end - at), *unit)) return false;
    any = true;
    at = end + 1;
  }
  return any;
}

}  // namespace

Result<Span> parse_interval(std::string_view text) {
  Collector postgres;
  bool ok = read_postgres(text, postgres);
  bool overflow = postgres.overflowed();
  std::optional<Span> span = ok ? postgres.span() : std::nullopt;
  if (!ok && !overflow) {
    Collector iso;
    ok = read_iso(text, iso);
    overflow = iso.overflowed();
    if (ok) span = iso.span();
  }
  if (overflow || (ok && !span))
    return fail(ErrorKind::kBadValue, fmt::format("interval field value out of range: \"{}\"", text));
  if (!ok)
    return fail(ErrorKind::kBadValue, fmt::format("invalid input syntax for type interval: \"{}\"", text));
  return *span;
}

std::string interval_text(const Span& span) {
  const SpanFields fields = fields_of(span);
  std::string out;
  bool negative = false;  // the count before: a positive one behind it has a '+'
  const auto part = [&](std::int64_t count, const char* unit) {
    if (count == 0) return;
    const char* sign = negative && count > 0 ? "+" : "";
    out += fmt::format("{}{}{} {}{}", out.empty() ? "" : " ", sign, count, unit, count == 1 ? "" : "s");
    negative = count < 0;
  };
  part(fields.years, "year");
  part(fields.months, "mon");
  part(fields.days, "day");
  if (span.micros == 0 && !out.empty()) return out;
  const char* sign = span.micros < 0 ? "-" : negative ? "+" : "";
  out += fmt::format("{}{}{:02}:{:02}:{:02}", out.empty() ? "" : " ", sign, std::abs(fields.hours),
                     std::abs(fields.minutes), std::abs(fields.seconds));
  if (fields.micros != 0) {
    out += fmt::format(".{:06}", std::abs(fields.micros));
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out;
}

}  // namespace penstock::expression
