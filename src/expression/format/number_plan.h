// A number template read once: what it counts and how signs stand in it.
#pragma once

#include <vector>

#include "base/result.h"
#include "expression/format/pattern.h"

namespace penstock::expression {

enum NumberField : int {
  kNine,
  kZero,
  kComma,
  kPoint,
  kGroup,
  kCurrency,
  kMinus,
  kPlus,
  kPlusOrMinus,
  kBracket,
  kRoman,
  kSign,
  kOrdinal,
  kShift,
  kScientific,
  kFill,
  kNothing,  // B, C and SP print nothing
};

struct NumberPlan {
  enum class SignPlace { kNone, kBefore, kBehind };
  std::vector<PatternNode> nodes;
  int before = 0;  // digits before the point
  int after = 0;   // and behind it
  int shift = 0;   // digits behind V
  bool decimal = false;
  bool fill = false;
  bool zero = false;
  bool blank = false;
  bool sign = false;  // S
  SignPlace sign_place = SignPlace::kNone;
  int digits_before_sign = 0;
  bool bracket = false;
  bool minus = false;
  bool plus = false;
  bool multiply = false;
  bool roman = false;
  bool scientific = false;
  int zero_start = 0;  // the digit, from 1, from which zeros are printed
  int zero_end = 0;
};

// PostgreSQL's message for templates that it refuses. The plan is kept and shared.
Result<NumberPlan> plan_number(std::string_view pattern);

}  // namespace penstock::expression
