#include "expression/datetime/families.h"

namespace penstock::expression {

std::vector<Function> datetime_functions() {
  std::vector<Function> all;
  for (const auto& family :
       {datetime_arithmetic(), interval_arithmetic(), truncation_functions(), extraction_functions(),
        zone_functions(), making_functions(), datetime_casts()}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  return all;
}

}  // namespace penstock::expression
