// What became of a buffer (penstock_counts).
#pragma once

#include <cstdint>

namespace penstock::library {

struct Counts {
  std::uint64_t records = 0, applied = 0, again = 0, ignored = 0, dead_letters = 0;
  std::uint64_t transactions = 0, lost = 0, reread = 0;
  std::int64_t next = 0;
  std::int64_t last_commit_micros = 0;
};

}  // namespace penstock::library
