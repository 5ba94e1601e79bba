// A value that does not depend on the row.
#pragma once

#include <memory>
#include <string_view>

#include "expression/node.h"

namespace penstock::expression {

class Constant final : public Node {
 public:
  // `owner` holds what the value borrows; so may `origin`, which it was computed from.
  Constant(Type type, const Value& value, Arena owner, NodePtr origin = nullptr)
      : Node(type), value_(value), owner_(std::move(owner)), origin_(std::move(origin)) {}

  bool evaluate(Frame&, Value& out) const override {
    out = value_;
    return true;
  }
  void append_identity(std::string& out) const override;
  const Value* constant() const override { return &value_; }

 private:
  Value value_;
  Arena owner_;
  NodePtr origin_;
};

NodePtr null_of(Type type);
NodePtr constant_of(Type type, const Value& value);  // of a value that borrows nothing
// A literal in quotes: `unknown` until its surroundings say what it is.
NodePtr literal(std::string_view text);
bool is_unknown(const Node& node);

// The constant that `node` comes to when all its parts are constants and computing it is no error; else
// `node` itself.
NodePtr folded(NodePtr node);

}  // namespace penstock::expression
