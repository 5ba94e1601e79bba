#include "expression/column.h"

namespace penstock::expression {

bool Column::evaluate(Frame& frame, Value& out) const {
  const Row* row = frame.rows[depth_];
  for (std::uint16_t i = 0; i < reference_.up && row != nullptr; ++i) row = row->parent;
  if (row == nullptr)
    return frame.refuse("the row above, which " + name_ + " is a column of, is not at hand");
  for (std::size_t i = depth_; i < reference_.embeds.size(); ++i) {
    const Row::Children& children = row->embeds[reference_.embeds[i]];
    if (children.size == 0) {
      out = Null{};
      return true;
    }
    row = children.rows[0];
  }
  out = row->columns[reference_.column];
  if (out.is_unchanged()) return frame.refuse("the value of column " + name_ + " was not sent");
  return true;
}

void Column::append_identity(std::string& out) const {
  out += "column(" + std::to_string(reference_.up) + "/";
  for (const std::uint16_t embed : reference_.embeds) out += std::to_string(embed) + ".";
  out += "/" + std::to_string(reference_.column) + ")";
}

}  // namespace penstock::expression
