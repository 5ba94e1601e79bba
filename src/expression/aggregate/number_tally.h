// Sums and averages of each number type.
#pragma once

#include <cstdint>
#include <memory>

#include "expression/aggregate/tally.h"

namespace penstock::expression {

// `type`: smallint, integer, bigint, real, double precision or numeric; null for others.
std::unique_ptr<Tally> make_number_tally(bool average, std::uint32_t type);

}  // namespace penstock::expression
