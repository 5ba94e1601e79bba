#include "expression/choice_node.h"

#include <array>

#include "expression/composite.h"
#include "expression/constant.h"

namespace penstock::expression {
namespace {

class Case final : public Composite {
 public:
  // Parts: the argument if there is one, conditions and results in turn, and what is left otherwise.
  Case(std::vector<NodePtr> parts, bool has_argument, Type type)
      : Composite(has_argument ? "case_of" : "case", std::move(parts), type), has_argument_(has_argument) {}

  bool evaluate(Frame& frame, Value& out) const override {
    Value argument;
    if (has_argument_ && !evaluate_part(0, frame, argument)) return false;
    const std::size_t last = parts().size() - 1;
    for (std::size_t i = has_argument_ ? 1 : 0; i < last; i += 2) {
      if (!condition(i, frame, argument, out)) return false;
      const bool* truth = out.get<bool>();
      if (truth != nullptr && *truth) return evaluate_part(i + 1, frame, out);
    }
    return evaluate_part(last, frame, out);
  }

 private:
  bool condition(std::size_t index, Frame& frame, const Value& argument, Value& out) const {
    if (!has_argument_) return evaluate_part(index, frame, out);
    const Value* outer = std::exchange(frame.element, &argument);
    const bool done = evaluate_part(index, frame, out);
    frame.element = outer;
    return done;
  }

  bool has_argument_;
};

class Coalesce final : public Composite {
 public:
  Coalesce(std::vector<NodePtr> parts, Type type) : Composite("coalesce", std::move(parts), type) {}

  bool evaluate(Frame& frame, Value& out) const override {
    for (const NodePtr& part : parts()) {
      if (!part->evaluate(frame, out)) return false;
      if (!out.is_null()) return true;
    }
    return true;
  }
};

class NullIf final : public Composite {
 public:
  NullIf(const Function& equals, NodePtr left, NodePtr right, Type type)
      : Composite("nullif", parts_of(std::move(left), std::move(right)), type), equals_(equals.call) {}

  bool evaluate(Frame& frame, Value& out) const override {
    std::array<Value, 2> sides;
    if (!evaluate_part(0, frame, sides[0]) || !evaluate_part(1, frame, sides[1])) return false;
    out = sides[0];
    if (sides[0].is_null() || sides[1].is_null()) return true;
    Result<Value> equal = equals_(Call{sides, frame.arena});
    if (!equal) {
      frame.error = std::move(equal).error();
      return false;
    }
    const bool* truth = equal->get<bool>();
    if (truth != nullptr && *truth) out = Null{};
    return true;
  }

 private:
  Implementation equals_;
};

class Extreme final : public Composite {
 public:
  Extreme(std::vector<NodePtr> parts, Type type, Comparison comparison, bool greatest)
      : Composite(greatest ? "greatest" : "least", std::move(parts), type),
        comparison_(comparison),
        greatest_(greatest) {}

  bool evaluate(Frame& frame, Value& out) const override {
    Value best;
    for (const NodePtr& part : parts()) {
      if (!part->evaluate(frame, out)) return false;
      if (out.is_null()) continue;
      const int order = best.is_null() ? 0 : comparison_(out, best);
      if (best.is_null() || (greatest_ ? order > 0 : order < 0)) best = out;
    }
    out = best;
    return true;
  }

 private:
  Comparison comparison_;
  bool greatest_;
};

}  // namespace

NodePtr make_case(NodePtr argument, std::vector<NodePtr> branches, NodePtr otherwise, Type type) {
  const bool has_argument = argument != nullptr;
  std::vector<NodePtr> parts;
  if (has_argument) parts.push_back(std::move(argument));
  for (NodePtr& branch : branches) parts.push_back(std::move(branch));
  parts.push_back(std::move(otherwise));
  return std::make_unique<Case>(std::move(parts), has_argument, type);
}

NodePtr make_coalesce(std::vector<NodePtr> parts, Type type) {
  return std::make_unique<Coalesce>(std::move(parts), type);
}

NodePtr make_nullif(const Function& equals, NodePtr left, NodePtr right) {
  const Type type = left->type();
  return std::make_unique<NullIf>(equals, std::move(left), std::move(right), type);
}

NodePtr make_extreme(std::vector<NodePtr> parts, Type type, Comparison comparison, bool greatest) {
  return std::make_unique<Extreme>(std::move(parts), type, comparison, greatest);
}

}  // namespace penstock::expression
