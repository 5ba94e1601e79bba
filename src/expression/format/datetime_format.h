// to_char() of moments and intervals (PostgreSQL manual: "Template Patterns for Date/Time Formatting").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "expression/datetime/interval.h"

namespace penstock::expression {

// The moment is finite. With zone, TZ is UTC's name; without, it is empty.
Result<std::string> format_moment(std::int64_t moment, bool with_zone, std::string_view pattern);
Result<std::string> format_span(const Span& span, std::string_view pattern);

}  // namespace penstock::expression
