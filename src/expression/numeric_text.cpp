// Numerics from and to PostgreSQL's text.
#include <algorithm>
#include <charconv>
#include <limits>

#include "expression/numeric.h"

namespace penstock::expression {
namespace {

constexpr std::int64_t kMostExponent = std::numeric_limits<std::int32_t>::max() / 2;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// A number without its sign: digits, point, exponent.
struct Unsigned {
  std::string digits;
  std::int64_t scale = 0;  // may be negative
};

// False when the text is none.
bool read_exponent(std::string_view text, std::int64_t& exponent) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (end != text.data() + text.size() || text.empty()) return false;
  if (error == std::errc::result_out_of_range)
    exponent = text.front() == '-' ? -kMostExponent : kMostExponent;
  return error == std::errc() || error == std::errc::result_out_of_range;
}

// False when the text is no number.
bool read_unsigned(std::string_view text, Unsigned& number, std::int64_t& exponent) {
  std::size_t at = 0;
  bool point = false;
  number.digits.reserve(text.size());
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit(text[at])) break;
    number.digits += text[at];
    if (point) ++number.scale;
  }
  if (number.digits.empty()) return false;
  if (at == text.size()) return true;
  return (text[at] == 'e' || text[at] == 'E') && read_exponent(text.substr(at + 1), exponent);
}

Result<Numeric> invalid(std::string_view text) {
  return fail(ErrorKind::kBadValue,
              std::string("invalid input syntax for type numeric: \"").append(text).append("\""));
}

Result<Numeric> overflow() { return fail(ErrorKind::kBadValue, std::string(Numeric::kOverflow)); }

}  // namespace

Result<Numeric> Numeric::parse(std::string_view text) {
  std::string_view body = without_spaces(text);
  if (same_word(body, "nan")) return nan();
  const bool negative = !body.empty() && body.front() == '-';
  if (!body.empty() && (body.front() == '-' || body.front() == '+')) body.remove_prefix(1);
  if (same_word(body, "infinity") || same_word(body, "inf")) return infinity(negative ? -1 : 1);

  Unsigned number;
  std::int64_t exponent = 0;
  if (!read_unsigned(body, number, exponent)) return invalid(text);
  if (exponent >= kMostExponent || exponent <= -kMostExponent) return overflow();
  number.scale -= exponent;
  if (number.scale > kMaxScale) return overflow();
  std::string_view digits = number.digits;
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  const auto zeros = static_cast<std::size_t>(std::max<std::int64_t>(-number.scale, 0));
  const int scale = static_cast<int>(std::max<std::int64_t>(number.scale, 0));
  if (!digits.empty() && digits.size() + zeros > static_cast<std::size_t>(kMaxWholeDigits + scale))
    return overflow();
  Integer coefficient = Integer::from_digits(digits);
  if (zeros > 0 && !digits.empty()) coefficient = coefficient * Integer::power_of_ten(zeros);
  return Numeric(negative ? -coefficient : std::move(coefficient), scale);
}

void Numeric::append_text(std::string& out) const {
  switch (kind_) {
    case Kind::kNaN:
      out += "NaN";
      return;
    case Kind::kPlusInfinity:
      out += "Infinity";
      return;
    case Kind::kMinusInfinity:
      out += "-Infinity";
      return;
    case Kind::kFinite:
      break;
  }
  if (coefficient_.sign() < 0) out += '-';
  const std::size_t start = out.size();
  coefficient_.append_digits(out);
  const auto scale = static_cast<std::size_t>(scale_);
  if (scale == 0) return;
  const std::size_t digits = out.size() - start;
  if (digits <= scale) out.insert(start, scale + 1 - digits, '0');
  out.insert(out.size() - scale, 1, '.');
}

std::string Numeric::text() const {
  std::string out;
  append_text(out);
  return out;
}

}  // namespace penstock::expression
