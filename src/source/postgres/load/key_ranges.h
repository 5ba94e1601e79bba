// Which parts of a table's key range are still to be read. Keys are compared for equality only.
#pragma once

#include <optional>
#include <vector>

#include "model/checkpoint.h"

namespace penstock::postgres {

// Rows with from < key <= to. No `from`: from the first row.
struct KeyRange {
  std::optional<KeyText> from;
  KeyText to;
  bool operator==(const KeyRange&) const = default;
};

// Joins the chunks that were read into runs without gaps: each chunk begins where another ends. The run from
// the first row comes first if there is one; the others come in no order.
std::vector<KeyRange> joined(const std::vector<DoneChunk>& done);

// What lies between the runs and up to `upper`. `runs` in PostgreSQL's order.
std::vector<KeyRange> gaps(const std::vector<KeyRange>& runs, const KeyText& upper);

}  // namespace penstock::postgres
