#include <iterator>

#include "expression/function.h"
#include "expression/uuid_casts.h"

namespace penstock::expression {
namespace {

std::vector<Function> all_families() {
  std::vector<Function> all;
  for (const auto family : {comparison_functions, integer_functions, float_functions, numeric_functions,
                            cast_functions, text_functions, pattern_functions, hash_functions,
                            datetime_functions, format_functions, json_functions, array_functions}) {
    std::vector<Function> functions = family();
    all.insert(all.end(), std::make_move_iterator(functions.begin()),
               std::make_move_iterator(functions.end()));
  }
  add_uuid_casts(all);
  return all;
}

}  // namespace

const std::vector<Function>& functions() {
  static const std::vector<Function> all = all_families();
  return all;
}

}  // namespace penstock::expression
