// What implementations of functions take their arguments out of a Call with and make their results with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "expression/function.h"

namespace penstock::expression {

template <class T>
const T& argument(const Call& call, std::size_t index) {
  return std::get<T>(call.arguments[index].v);
}
inline std::string_view text_argument(const Call& call, std::size_t index) {
  return argument<Text>(call, index).text;
}
inline std::int32_t int_argument(const Call& call, std::size_t index) {
  return argument<std::int32_t>(call, index);
}

inline Value text_result(const Call& call, std::string_view text) { return Text{call.arena.copy(text)}; }
inline Value decimal_result(const Call& call, std::string_view text) {
  return Decimal{call.arena.copy(text)};
}

// An error of one row, in PostgreSQL's words.
inline tl::unexpected<Error> bad_row(std::string message) {
  return fail(ErrorKind::kBadValue, std::move(message));
}

}  // namespace penstock::expression
