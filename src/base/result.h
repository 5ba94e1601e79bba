// Result<T>: a T or an Error. The one place that names the library behind it.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace penstock {

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string remedy = {}) {
  return tl::unexpected<Error>(make_error(kind, std::move(message), std::move(remedy)));
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace penstock

// Leaves the calling function with the error of `expression`, if it has one.
#define PENSTOCK_TRY(expression)                               \
  do {                                                         \
    if (auto try_result_ = (expression); !try_result_)         \
      return ::penstock::fail(std::move(try_result_).error()); \
  } while (false)

#define PENSTOCK_CONCAT_INNER(a, b) a##b
#define PENSTOCK_CONCAT(a, b) PENSTOCK_CONCAT_INNER(a, b)
// PENSTOCK_ASSIGN(auto x, may_fail()): x is the value, or the calling function returns the error.
#define PENSTOCK_ASSIGN(declaration, expression)                                    \
  auto PENSTOCK_CONCAT(assign_, __LINE__) = (expression);                           \
  if (!PENSTOCK_CONCAT(assign_, __LINE__))                                          \
    return ::penstock::fail(std::move(PENSTOCK_CONCAT(assign_, __LINE__)).error()); \
  declaration = std::move(*PENSTOCK_CONCAT(assign_, __LINE__))
