// The English names of months and days in dates that are read.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::expression {

// In lower case, whole or by three letters; 0 for words that name no month.
std::int64_t month_named(std::string_view word);
bool is_weekday(std::string_view word);

}  // namespace penstock::expression
