#include "expression/float_text.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <string>
#include <type_traits>

#include "expression/number_values.h"

namespace penstock::expression {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Reads in the C locale: the process never sets another LC_NUMERIC. Takes hexadecimal floats, as PostgreSQL
// does by the same function.
template <class Float>
Result<Float> parse(std::string_view text) {
  const std::string copy(text);
  const char* start = copy.c_str();
  while (is_space(*start)) ++start;
  char* end = nullptr;
  errno = 0;
  Float value = 0;
  if constexpr (std::is_same_v<Float, float>) {
    value = std::strtof(start, &end);
  } else {
    value = std::strtod(start, &end);
  }
  const int error = errno;
  const std::string quoted = "\"" + copy + "\"";
  const std::string type(kTypeName<Float>);
  if (error == ERANGE && (value == 0 || std::isinf(value)))
    return fail(ErrorKind::kBadValue,
                "\"" + std::string(static_cast<const char*>(start), static_cast<const char*>(end)) +
                    "\" is out of range for type " + type);
  bool whole = end != start;
  while (is_space(*end)) ++end;
  whole = whole && *end == '\0' && copy.find('\0') == std::string::npos;
  if (!whole) return fail(ErrorKind::kBadValue, "invalid input syntax for type " + type + ": " + quoted);
  return value;
}

}  // namespace

Result<float> parse_real(std::string_view text) { return parse<float>(text); }
Result<double> parse_double(std::string_view text) { return parse<double>(text); }

}  // namespace penstock::expression
