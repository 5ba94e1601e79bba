#include "expression/format/digits.h"

#include <fmt/format.h>

#include <algorithm>

namespace penstock::expression {

Digits Digits::of(std::string_view text) {
  Digits out;
  out.negative = text.starts_with('-');
  if (out.negative) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string all(text.substr(0, point));
  if (point < text.size()) all += text.substr(point + 1);
  const std::size_t zeros = std::min(all.find_first_not_of('0'), all.size());
  out.digits = all.substr(zeros);
  out.point = static_cast<std::ptrdiff_t>(point) - static_cast<std::ptrdiff_t>(zeros);
  if (out.digits.find_first_not_of('0') == std::string::npos) out.digits.clear();
  if (out.digits.empty()) out.point = 0;
  return out;
}

void Digits::round(std::ptrdiff_t places) {
  const std::ptrdiff_t kept = point + places;
  if (is_zero() || kept >= static_cast<std::ptrdiff_t>(digits.size())) return;
  if (kept < 0) {
    digits.clear();
    point = 0;
    return;
  }
  const bool up = digits[static_cast<std::size_t>(kept)] >= '5';
  digits.resize(static_cast<std::size_t>(kept));
  std::size_t at = digits.size();
  while (up && at > 0 && digits[at - 1] == '9') digits[--at] = '0';
  if (up && at > 0) ++digits[at - 1];
  if (up && at == 0) {
    digits.insert(digits.begin(), '1');
    ++point;
  }
  if (digits.find_first_not_of('0') == std::string::npos) {
    digits.clear();
    point = 0;
  }
}

std::string Digits::fixed(std::size_t places) const {
  std::string whole = "0";
  if (point > 0) {
    whole = digits.substr(0, static_cast<std::size_t>(point));
    whole.resize(static_cast<std::size_t>(point), '0');
  }
  if (places == 0) return whole;
  std::string fraction(point < 0 ? static_cast<std::size_t>(-point) : 0, '0');
  if (static_cast<std::ptrdiff_t>(digits.size()) > point)
    fraction += digits.substr(static_cast<std::size_t>(std::max<std::ptrdiff_t>(point, 0)));
  fraction.resize(places, '0');
  return whole + '.' + fraction;
}

std::string Digits::scientific(std::size_t places) const {
  const std::ptrdiff_t exponent = is_zero() ? 0 : point - 1;
  Digits significand = *this;
  significand.point -= exponent;
  significand.round(static_cast<std::ptrdiff_t>(places));
  return fmt::format("{}e{:+03}", significand.fixed(places), exponent);
}

}  // namespace penstock::expression
