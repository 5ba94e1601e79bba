#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace penstock {

void check_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr,
               "penstock: broken invariant: %s (%s:%d). Nothing was written after this; please report it.\n",
               expression, file, line);
  std::abort();
}

}  // namespace penstock
