#include "expression/output.h"

#include "expression/constant.h"
#include "expression/function.h"
#include "model/number_text.h"

namespace penstock::expression {
namespace {

class Output final : public Node {
 public:
  explicit Output(NodePtr from) : Node(Type{oid::kText}), from_(std::move(from)) {}

  bool evaluate(Frame& frame, Value& out) const override {
    if (!from_->evaluate(frame, out)) return false;
    if (out.is_null()) return true;
    std::string text;
    append_output(text, out, from_->type().oid);
    out = Text{frame.arena.copy(text)};
    return true;
  }
  void append_identity(std::string& out) const override {
    out += "output(";
    from_->append_identity(out);
    out += ")";
  }
  void each_child(const std::function<void(NodePtr&)>& visit) override { visit(from_); }

 private:
  NodePtr from_;
};

}  // namespace

void append_output(std::string& out, const Value& value, std::uint32_t type) {
  const auto* number = value.get<double>();
  if (number != nullptr && type == oid::kFloat4) {
    append_real(out, *number);
  } else {
    append_text(out, value);
  }
}

NodePtr make_output(NodePtr node) { return folded(std::make_unique<Output>(std::move(node))); }

}  // namespace penstock::expression
