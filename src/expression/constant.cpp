#include "expression/constant.h"

#include "expression/function.h"

namespace penstock::expression {

void Constant::append_identity(std::string& out) const {
  out += "constant(";
  append_type(out);
  out += value_.is_null() ? ":null" : ":";
  const std::string text = to_text(value_);
  out += std::to_string(text.size()) + ":" + text + ")";
}

NodePtr null_of(Type type) { return std::make_unique<Constant>(type, Null{}, Arena()); }

NodePtr constant_of(Type type, const Value& value) {
  return std::make_unique<Constant>(type, value, Arena());
}

NodePtr literal(std::string_view text) {
  Arena owner;
  const Text value{owner.copy(text)};
  return std::make_unique<Constant>(Type{oid::kUnknown}, value, std::move(owner));
}

bool is_unknown(const Node& node) { return node.type().oid == oid::kUnknown; }

NodePtr folded(NodePtr node) {
  bool foldable = true;
  node->each_child([&](NodePtr& child) { foldable = foldable && child->constant() != nullptr; });
  if (!foldable || node->constant() != nullptr) return node;
  Arena owner;
  Frame frame{nullptr, owner};
  Value value;
  if (!node->evaluate(frame, value)) return node;  // an error is one of the row that comes to it
  const Type type = node->type();
  return std::make_unique<Constant>(type, value, std::move(owner), std::move(node));
}

}  // namespace penstock::expression
