#include "expression/format/number_format.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "expression/format/digits.h"
#include "expression/format/number_plan.h"
#include "expression/format/number_writer.h"

namespace penstock::expression {
namespace {

constexpr std::int64_t kMostRoman = 3999;
constexpr std::size_t kRomanWidth = 15;

tl::unexpected<Error> bad(const char* message) { return fail(ErrorKind::kBadValue, message); }

std::string roman(std::int64_t number) {
  struct Letter {
    std::int64_t worth;
    const char* letters;
  };
  constexpr Letter kLetters[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"},
                                 {90, "XC"},  {50, "L"},   {40, "XL"}, {10, "X"},   {9, "IX"},
                                 {5, "V"},    {4, "IV"},   {1, "I"}};
  if (number < 1 || number > kMostRoman) return std::string(kRomanWidth, '#');
  std::string out;
  for (const Letter& letter : kLetters) {
    for (; number >= letter.worth; number -= letter.worth) out += letter.letters;
  }
  return out;
}

// What does not fit is shown as '#'.
std::string hashes(const NumberPlan& plan) {
  std::string text(static_cast<std::size_t>(plan.before + plan.after + 1), '#');
  text[static_cast<std::size_t>(plan.before)] = '.';
  return text;
}

// "NaN" and "Infinity" have no ordinal.
bool wants_ordinal(const NumberPlan& plan, char sign) {
  if (plan.roman || plan.decimal || sign == '-') return false;
  for (const PatternNode& node : plan.nodes) {
    if (node.field == kOrdinal) return true;
  }
  return false;
}

Result<std::string> finish(NumberPlan plan, std::string text, char sign) {
  NumberDigits number;
  number.sign = sign;
  const auto whole = static_cast<int>(std::min(text.find('.'), text.size()));
  if (whole > plan.before) text = hashes(plan);
  if (whole < plan.before) number.spaces = plan.before - whole;
  if (text[0] != '#' && text.back() > '9' && wants_ordinal(plan, sign))
    return fail(ErrorKind::kBadValue, fmt::format("\"{}\" is not a number", text));
  number.text = std::move(text);
  return write_number(std::move(plan), number);
}

std::string scientific_hashes(const NumberPlan& plan) {
  std::string text(static_cast<std::size_t>(plan.before + plan.after + 6), '#');
  text[0] = ' ';
  text[static_cast<std::size_t>(plan.before) + 1] = '.';
  return text;
}

// What stands around the number is left out with EEEE.
std::string finish_scientific(const NumberPlan& plan, const Digits& digits) {
  return (digits.negative ? '-' : ' ') + digits.scientific(static_cast<std::size_t>(plan.after));
}

std::string finish_roman(NumberPlan plan, std::int64_t number) {
  return write_number(std::move(plan), NumberDigits{roman(number), 0, '+'});
}

std::string fixed_text(double number, int digits) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  return fmt::format("{:.{}f}", number, digits);
}

// A whole number of `least` to `most`.
Result<std::string> format_integer(std::int64_t number, std::int64_t least, std::int64_t most,
                                   const char* out_of_range, NumberPlan plan) {
  if (plan.roman) {
    if (number != static_cast<std::int32_t>(number)) return bad("integer out of range");
    return finish_roman(std::move(plan), number);
  }
  Digits digits = Digits::of(std::to_string(number));
  if (plan.scientific) return finish_scientific(plan, digits);
  for (int i = 0; i < plan.shift; ++i) {
    if (__builtin_mul_overflow(number, std::int64_t{10}, &number) || number < least || number > most)
      return bad(out_of_range);
  }
  digits.shift(plan.shift);
  plan.before += plan.shift;
  const std::string text = digits.fixed(static_cast<std::size_t>(plan.after));
  return finish(std::move(plan), text, digits.negative ? '-' : '+');
}

}  // namespace

Result<std::string> format_int4(std::int32_t number, std::string_view pattern) {
  PENSTOCK_ASSIGN(NumberPlan plan, plan_number(pattern));
  using Limits = std::numeric_limits<std::int32_t>;
  return format_integer(number, Limits::min(), Limits::max(), "integer out of range", std::move(plan));
}

Result<std::string> format_int8(std::int64_t number, std::string_view pattern) {
  PENSTOCK_ASSIGN(NumberPlan plan, plan_number(pattern));
  using Limits = std::numeric_limits<std::int64_t>;
  return format_integer(number, Limits::min(), Limits::max(), "bigint out of range", std::move(plan));
}

Result<std::string> format_numeric(std::string_view number, std::string_view pattern) {
  PENSTOCK_ASSIGN(NumberPlan plan, plan_number(pattern));
  const bool finite = number.find_first_of("NI") == std::string_view::npos;
  if (plan.scientific && !finite) return scientific_hashes(plan);
  if (plan.roman && !finite)
    return bad(number == "NaN" ? "cannot convert NaN to integer" : "cannot convert infinity to integer");
  if (!finite) {
    plan.before += plan.shift;
    const bool negative = number.starts_with('-');
    return finish(std::move(plan), std::string(number.substr(negative ? 1 : 0)), negative ? '-' : '+');
  }
  Digits digits = Digits::of(number);
  if (plan.roman) {
    digits.round(0);
    const std::string whole = digits.fixed(0);
    const std::int64_t worth =
        whole.size() > 10 ? std::numeric_limits<std::int64_t>::max() : std::stoll(whole);
    const std::int64_t value = digits.negative ? -worth : worth;
    if (value != static_cast<std::int32_t>(value)) return bad("integer out of range");
    return finish_roman(std::move(plan), value);
  }
  if (plan.scientific) return finish_scientific(plan, digits);
  digits.shift(plan.shift);
  plan.before += plan.shift;
  digits.round(plan.after);
  const std::string text = digits.fixed(static_cast<std::size_t>(plan.after));
  return finish(std::move(plan), text, digits.negative && !digits.is_zero() ? '-' : '+');
}

Result<std::string> format_float(double number, bool real, std::string_view pattern) {
  PENSTOCK_ASSIGN(NumberPlan plan, plan_number(pattern));
  const int sure_digits = real ? 6 : 15;
  if (plan.roman) {
    const double whole = std::rint(number);
    return finish_roman(std::move(plan), std::fabs(whole) <= 4000 ? static_cast<std::int64_t>(whole) : 0);
  }
  if (plan.scientific) {
    if (!std::isfinite(number)) return scientific_hashes(plan);
    const std::string text = fmt::format("{:+.{}e}", number, plan.after);
    return text[0] == '+' ? " " + text.substr(1) : text;
  }
  if (plan.multiply) number *= std::pow(10.0, plan.shift);
  if (real) number = static_cast<double>(static_cast<float>(number));
  plan.before += plan.shift;
  const auto whole = static_cast<int>(fixed_text(std::fabs(number), 0).size());
  if (whole >= sure_digits) {
    plan.after = 0;
  } else if (whole + plan.after > sure_digits) {
    plan.after = sure_digits - whole;
  }
  const std::string text = fixed_text(number, plan.after);
  const bool negative = text[0] == '-';
  return finish(std::move(plan), negative ? text.substr(1) : text, negative ? '-' : '+');
}

}  // namespace penstock::expression
