// Broken invariants abort: a process that is wrong about itself must not write.
#pragma once

namespace penstock {
[[noreturn]] void check_failed(const char* expression, const char* file, int line);
}  // namespace penstock

#define PENSTOCK_CHECK(expression) \
  ((expression) ? static_cast<void>(0) : ::penstock::check_failed(#expression, __FILE__, __LINE__))
