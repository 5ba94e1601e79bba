// to_char() of numbers (PostgreSQL manual: "Template Patterns for Numeric Formatting"), with the C locale's
// signs: '.', ',', and no currency symbol.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::expression {

Result<std::string> format_int4(std::int32_t number, std::string_view pattern);
Result<std::string> format_int8(std::int64_t number, std::string_view pattern);
// `number`: the text of a numeric.
Result<std::string> format_numeric(std::string_view number, std::string_view pattern);
// A real has 6 digits that count, a double 15.
Result<std::string> format_float(double number, bool real, std::string_view pattern);

}  // namespace penstock::expression
