// A filled-in root row to the values of its document.
#pragma once

#include "base/result.h"
#include "model/arena.h"
#include "projection/view/assembler.h"
#include "projection/view/tree.h"

namespace penstock {

class DocumentValues {
 public:
  explicit DocumentValues(Arena& arena) : arena_(arena) {}

  // One value for each field of the shape, those of the metadata still NULL. kBadValue, kRejectedDocument:
  // the error names level and field.
  Result<Value*> fields(const Tree& tree, const TreeRow& row);
  // One value for each part of the `_id`.
  Result<const Value*> id(const Tree& tree, const TreeRow& row);

 private:
  Result<Value> value(const Node& node, const Output& output, const TreeRow& row);
  Result<Value> embedded(const Node& child, const expression::Row::Children& rows);
  Result<Value> one(const Node& child, const TreeRow& row);
  Result<Value> document(const Node& node, const TreeRow& row);
  Result<Value> map(const Node& child, const expression::Row::Children& rows, std::uint32_t count);
  Result<std::string_view> map_key(const Node& child, const TreeRow& row);

  Arena& arena_;
};

}  // namespace penstock
