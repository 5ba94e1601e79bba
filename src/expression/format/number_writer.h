// Lays a number's digits out along a template.
#pragma once

#include <string>

#include "expression/format/number_plan.h"

namespace penstock::expression {

struct NumberDigits {
  std::string text;  // "12.50", without a sign; '#' where the template has too few digits
  int spaces = 0;    // places of the template before the first digit
  char sign = '+';
};
std::string write_number(NumberPlan plan, const NumberDigits& number);

}  // namespace penstock::expression
