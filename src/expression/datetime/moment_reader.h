// The fields of a text that is a date, a time or both (PostgreSQL manual, appendix B.1 "Date/Time Input
// Interpretation"), with dates in the order month, day, year where only the order tells.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "expression/datetime/zone.h"

namespace penstock::expression {

enum class MomentProblem { kNone, kSyntax, kRange, kZone };

struct MomentFields {
  MomentProblem problem = MomentProblem::kNone;  // the others mean nothing with a problem
  std::optional<std::int64_t> days;              // since 2000-01-01
  std::optional<std::int64_t> micros;            // since midnight
  std::shared_ptr<const Zone> zone;              // null where none is named
};

// `text` is in lower case and trimmed; `time_expected`: digits alone are a time, as behind a 'T'.
MomentFields read_moment(std::string text, bool time_expected = false);

}  // namespace penstock::expression
