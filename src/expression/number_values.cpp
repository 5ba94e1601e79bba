#include "expression/number_values.h"

#include <charconv>
#include <cmath>

#include "model/number_text.h"

namespace penstock::expression {

double real_to_value(float number) {
  if (!std::isfinite(number) || number == 0) return static_cast<double>(number);
  std::string text;
  append_real(text, static_cast<double>(number));
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Value numeric_to_value(const Numeric& number, Arena& arena) {
  std::string text;
  number.append_text(text);
  return Value(Decimal{arena.copy(text)});
}

Result<Numeric> numeric_from_value(const Value& value) {
  if (const auto* decimal = value.get<Decimal>()) return Numeric::parse(decimal->text);
  if (const auto* number = value.get<std::int32_t>()) return Numeric(*number);
  if (const auto* number = value.get<std::int64_t>()) return Numeric(*number);
  return fail(ErrorKind::kInternal, "a " + std::string(kind_name(value)) + " stands where a numeric belongs");
}

}  // namespace penstock::expression
