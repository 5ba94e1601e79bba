#include "expression/json/families.h"

namespace penstock::expression {

std::vector<Function> json_functions() {
  std::vector<Function> all;
  for (const auto& family : {json_paths(), json_builders(), json_casts()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace penstock::expression
