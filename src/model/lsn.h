// A place in PostgreSQL's write-ahead log. PostgreSQL manual: "pg_lsn Type".
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

struct Lsn {
  std::uint64_t value = 0;
  auto operator<=>(const Lsn&) const = default;
  bool is_set() const { return value != 0; }
};

std::string to_string(Lsn lsn);                // "16/B374D848"
Result<Lsn> parse_lsn(std::string_view text);  // the same form

// Whether everything up to `wanted` lies before `reached`. pg_current_wal_insert_lsn() skips the header of a
// fresh 8 KiB WAL page (24 or 40 bytes) that a commit's end does not, so a `wanted` inside a page header
// counts as the page's start (xlog.c: XLogBytePosToRecPtr against XLogBytePosToEndRecPtr).
bool includes(Lsn reached, Lsn wanted);

}  // namespace penstock
