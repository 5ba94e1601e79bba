#include "model/position.h"

#include <fmt/format.h>

namespace penstock {

std::string to_string(const Position& position) {
  if (!position.inside_transaction()) return to_string(position.through_lsn);
  return fmt::format("{} (and {} messages of the transaction that commits at {})",
                     to_string(position.through_lsn), position.ordinal, to_string(position.commit_lsn));
}

}  // namespace penstock
