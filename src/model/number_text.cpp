#include "model/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace penstock {
namespace {

// PostgreSQL (d2s.c, f2s.c) prints exponents when they are below -4 or reach the digits the type surely has.
constexpr int kDoubleFixedLimit = 15;
constexpr int kRealFixedLimit = 6;
constexpr std::int64_t kMostExponent = 1'000'000'000;  // far beyond every decimal type

void append_exponent(std::string& out, int exponent) {
  out += exponent < 0 ? "e-" : "e+";
  const int size = std::abs(exponent);
  if (size < 10) out += '0';
  std::array<char, 8> text{};
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), size).ptr);
}

// Whether `text` lies halfway between `value` and a neighbour. Only whole numbers beyond the digits of the
// type can.
template <class Float>
bool is_halfway(std::string_view text, Float value) {
  if (value <= std::ldexp(Float{1}, std::numeric_limits<Float>::digits)) return false;
  const Float most = std::numeric_limits<Float>::max();
  for (const Float neighbour : {std::nextafter(value, Float{0}), std::nextafter(value, most)}) {
    const long double middle = (static_cast<long double>(value) + static_cast<long double>(neighbour)) / 2;
    std::array<char, 400> digits{};
    const char* end =
        std::to_chars(digits.data(), digits.data() + digits.size(), middle, std::chars_format::fixed, 0).ptr;
    if (same_decimal(text, {digits.data(), static_cast<std::size_t>(end - digits.data())})) return true;
  }
  return false;
}

// The shortest text that reads back. PostgreSQL, unlike to_chars, takes none that a reader must round to
// even: then it prints more digits.
template <class Float>
std::string_view shortest_scientific(Float value, std::array<char, 48>& buffer) {
  const char* end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = text.find('e');
  for (int behind_point = e < 2 ? 0 : static_cast<int>(e) - 2;
       behind_point < std::numeric_limits<Float>::max_digits10 && is_halfway(text, value);) {
    end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific,
                        ++behind_point)
              .ptr;
    text = {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
  }
  return text;
}

template <class Float>
void append_shortest(std::string& out, Float value, int fixed_limit) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::signbit(value)) out += '-';
  value = std::fabs(value);
  if (std::isinf(value)) {
    out += "Infinity";
    return;
  }
  std::array<char, 48> buffer{};
  const std::string_view text = shortest_scientific(value, buffer);
  const char* end = text.data() + text.size();
  const std::size_t e = text.find('e');
  int exponent = 0;
  const char* exponent_text = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent_text, end, exponent);
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);

  if (exponent < -4 || exponent >= fixed_limit) {
    out += digits[0];
    if (digits.size() > 1) out.append(1, '.').append(digits, 1);
    append_exponent(out, exponent);
  } else if (exponent < 0) {
    out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(digits);
  } else {
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() < whole) digits.append(whole - digits.size(), '0');
    out.append(digits, 0, whole);
    if (digits.size() > whole) out.append(1, '.').append(digits, whole);
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The part behind 'e'; false when it is none.
bool read_exponent(std::string_view text, std::int64_t& exponent) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  return error == std::errc() && end == text.data() + text.size() && exponent <= kMostExponent &&
         exponent >= -kMostExponent;
}

// Compares digit by digit, stepping over points; `count` digits of both.
bool same_digits(std::string_view left, std::string_view right, std::size_t count) {
  std::size_t i = 0;
  std::size_t j = 0;
  for (; count > 0; --count, ++i, ++j) {
    if (left[i] == '.') ++i;
    if (right[j] == '.') ++j;
    if (left[i] != right[j]) return false;
  }
  return true;
}

}  // namespace

void append_double(std::string& out, double value) { append_shortest(out, value, kDoubleFixedLimit); }
void append_real(std::string& out, double value) {
  append_shortest(out, static_cast<float>(value), kRealFixedLimit);
}

DecimalParts split_decimal(std::string_view text) {
  DecimalParts parts;
  if (!text.empty() && text.front() == '-') {
    parts.negative = true;
    text.remove_prefix(1);
  }
  std::size_t end = 0;     // of the digits and the point
  std::size_t all = 0;     // digits, leading zeros included
  std::size_t behind = 0;  // digits behind the point
  std::size_t first = std::string_view::npos;
  std::size_t leading = 0;  // zeros before the first other digit
  bool point = false;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit(c)) break;
    ++all;
    if (point) ++behind;
    if (c != '0') {
      if (first == std::string_view::npos) first = end;
      parts.trailing_zeros = 0;
    } else if (first == std::string_view::npos) {
      ++leading;
    } else {
      ++parts.trailing_zeros;
    }
  }
  if (all == 0) return parts;
  if (end < text.size()) {
    if ((text[end] != 'e' && text[end] != 'E') || !read_exponent(text.substr(end + 1), parts.exponent))
      return parts;
  }
  parts.valid = true;
  parts.exponent -= static_cast<std::int64_t>(behind);
  if (first == std::string_view::npos) return parts;
  parts.digits = text.substr(first, end - first);
  parts.count = all - leading;
  return parts;
}

bool same_decimal(std::string_view left, std::string_view right) {
  if (left == right) return true;
  const DecimalParts a = split_decimal(left);
  const DecimalParts b = split_decimal(right);
  if (!a.valid || !b.valid) return false;
  if (a.digits.empty() || b.digits.empty()) return a.digits.empty() && b.digits.empty();
  const std::size_t significant = a.count - a.trailing_zeros;
  return a.negative == b.negative && significant == b.count - b.trailing_zeros &&
         a.exponent + static_cast<std::int64_t>(a.trailing_zeros) ==
             b.exponent + static_cast<std::int64_t>(b.trailing_zeros) &&
         same_digits(a.digits, b.digits, significant);
}

}  // namespace penstock
