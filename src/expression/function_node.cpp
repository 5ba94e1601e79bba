#include "expression/function_node.h"

#include <algorithm>
#include <array>

#include "expression/constant.h"

namespace penstock::expression {
namespace {

class CallNode : public Node {
 public:
  CallNode(const Function& function, std::vector<NodePtr> arguments, Type type)
      : Node(type),
        implementation_(function.call),
        strict_(function.strict),
        modifier_(type.modifier),
        function_(function),
        arguments_(std::move(arguments)) {}

  bool evaluate(Frame& frame, Value& out) const override {
    std::vector<Value> values(arguments_.size());
    return call_with(frame, values, out);
  }
  void append_identity(std::string& out) const override {
    out += "call(" + std::string(function_.name);
    for (const std::uint32_t type : function_.arguments) out += "," + std::to_string(type);
    out += ":";
    append_type(out);
    for (const NodePtr& argument : arguments_) {
      out += ";";
      argument->append_identity(out);
    }
    out += ")";
  }
  void each_child(const std::function<void(NodePtr&)>& visit) override {
    for (NodePtr& argument : arguments_) visit(argument);
  }

 protected:
  // All arguments are evaluated, also behind a NULL one: their errors are PostgreSQL's errors too.
  bool call_with(Frame& frame, std::span<Value> values, Value& out) const {
    bool has_null = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!arguments_[i]->evaluate(frame, values[i])) return false;
      has_null = has_null || values[i].is_null();
    }
    if (has_null && strict_) {
      out = Null{};
      return true;
    }
    Result<Value> result = implementation_(Call{values, frame.arena, modifier_});
    if (!result) {
      frame.error = std::move(result).error();
      return false;
    }
    out = *result;
    return true;
  }

 private:
  Implementation implementation_;
  bool strict_;
  std::int32_t modifier_;
  const Function& function_;
  std::vector<NodePtr> arguments_;
};

// Nearly every call has one or two arguments: they lie on the stack.
template <std::size_t kCount>
class ShortCallNode final : public CallNode {
 public:
  using CallNode::CallNode;
  bool evaluate(Frame& frame, Value& out) const override {
    std::array<Value, kCount> values;
    return call_with(frame, values, out);
  }
};

}  // namespace

NodePtr make_call(const Function& function, std::vector<NodePtr> arguments, Type type) {
  // As PostgreSQL simplifies it: the other arguments are then not computed, nor are their errors errors.
  const bool is_null =
      function.strict && std::any_of(arguments.begin(), arguments.end(), [](const NodePtr& one) {
        return one->constant() != nullptr && one->constant()->is_null();
      });
  if (is_null) return null_of(type);
  NodePtr node;
  switch (arguments.size()) {
    case 1:
      node = std::make_unique<ShortCallNode<1>>(function, std::move(arguments), type);
      break;
    case 2:
      node = std::make_unique<ShortCallNode<2>>(function, std::move(arguments), type);
      break;
    case 3:
      node = std::make_unique<ShortCallNode<3>>(function, std::move(arguments), type);
      break;
    default:
      node = std::make_unique<CallNode>(function, std::move(arguments), type);
  }
  return folded(std::move(node));
}

}  // namespace penstock::expression
