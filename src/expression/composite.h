// What nodes made of other nodes have in common.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "expression/node.h"

namespace penstock::expression {

class Composite : public Node {
 public:
  // `name` tells kinds apart in identities; it is a literal.
  Composite(std::string_view name, std::vector<NodePtr> parts, Type type)
      : Node(type), name_(name), parts_(std::move(parts)) {}

  void append_identity(std::string& out) const override {
    out += name_;
    out += "(";
    append_type(out);
    for (const NodePtr& part : parts_) {
      out += ";";
      part->append_identity(out);
    }
    out += ")";
  }
  void each_child(const std::function<void(NodePtr&)>& visit) override {
    for (NodePtr& part : parts_) visit(part);
  }

 protected:
  const std::vector<NodePtr>& parts() const { return parts_; }
  bool evaluate_part(std::size_t index, Frame& frame, Value& out) const {
    return parts_[index]->evaluate(frame, out);
  }

 private:
  std::string_view name_;
  std::vector<NodePtr> parts_;
};

template <class... Nodes>
std::vector<NodePtr> parts_of(Nodes... nodes) {
  std::vector<NodePtr> parts;
  (parts.push_back(std::move(nodes)), ...);
  return parts;
}

}  // namespace penstock::expression
