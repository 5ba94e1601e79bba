// Arguments worth trying: the edges of each type, and for some arguments texts that mean something there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::expression {

// Texts that PostgreSQL reads as the type; empty for types without a pool.
const std::vector<std::string>& pool_of(std::uint32_t type);
// Texts for an argument of a function, such as the units of date_trunc(); empty when any text will do.
const std::vector<std::string>& pool_of(std::string_view function, std::size_t argument);
// The name of a type in SQL.
std::string_view sql_name(std::uint32_t type);

}  // namespace penstock::expression
