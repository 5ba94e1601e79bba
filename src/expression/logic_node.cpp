#include "expression/logic_node.h"

#include <array>

#include "expression/composite.h"
#include "expression/constant.h"

namespace penstock::expression {
namespace {

constexpr Type kBoolean{oid::kBool};

// and: `kDecides` is false; or: it is true.
template <bool kDecides>
class Junction final : public Composite {
 public:
  explicit Junction(std::vector<NodePtr> parts)
      : Composite(kDecides ? "or" : "and", std::move(parts), kBoolean) {}

  bool evaluate(Frame& frame, Value& out) const override {
    bool has_null = false;
    for (const NodePtr& part : parts()) {
      if (!part->evaluate(frame, out)) return false;
      const bool* truth = out.get<bool>();
      if (truth == nullptr) {
        has_null = true;
      } else if (*truth == kDecides) {
        return true;
      }
    }
    out = has_null ? Value(Null{}) : Value(!kDecides);
    return true;
  }
};

class Not final : public Composite {
 public:
  explicit Not(NodePtr part) : Composite("not", parts_of(std::move(part)), kBoolean) {}

  bool evaluate(Frame& frame, Value& out) const override {
    if (!evaluate_part(0, frame, out)) return false;
    if (const bool* truth = out.get<bool>(); truth != nullptr) out = !*truth;
    return true;
  }
};

class NullTest final : public Composite {
 public:
  NullTest(NodePtr part, bool wants_null)
      : Composite(wants_null ? "is_null" : "is_not_null", parts_of(std::move(part)), kBoolean),
        wants_null_(wants_null) {}

  bool evaluate(Frame& frame, Value& out) const override {
    if (!evaluate_part(0, frame, out)) return false;
    out = out.is_null() == wants_null_;
    return true;
  }

 private:
  bool wants_null_;
};

class TruthTest final : public Composite {
 public:
  TruthTest(NodePtr part, Truth truth, bool negated)
      : Composite(
            negated ? kNegated[static_cast<std::size_t>(truth)] : kPlain[static_cast<std::size_t>(truth)],
            parts_of(std::move(part)), kBoolean),
        truth_(truth),
        negated_(negated) {}

  bool evaluate(Frame& frame, Value& out) const override {
    if (!evaluate_part(0, frame, out)) return false;
    const bool* truth = out.get<bool>();
    const Truth found = truth == nullptr ? Truth::kUnknown : *truth ? Truth::kTrue : Truth::kFalse;
    out = (found == truth_) != negated_;
    return true;
  }

 private:
  static constexpr std::string_view kPlain[] = {"is_true", "is_false", "is_unknown"};
  static constexpr std::string_view kNegated[] = {"is_not_true", "is_not_false", "is_not_unknown"};
  Truth truth_;
  bool negated_;
};

class Distinct final : public Composite {
 public:
  Distinct(const Function& equals, NodePtr left, NodePtr right, bool negated)
      : Composite(negated ? "not_distinct" : "distinct", parts_of(std::move(left), std::move(right)),
                  kBoolean),
        equals_(equals.call),
        negated_(negated) {}

  bool evaluate(Frame& frame, Value& out) const override {
    std::array<Value, 2> sides;
    if (!evaluate_part(0, frame, sides[0]) || !evaluate_part(1, frame, sides[1])) return false;
    bool same = sides[0].is_null() && sides[1].is_null();
    if (!sides[0].is_null() && !sides[1].is_null()) {
      Result<Value> equal = equals_(Call{sides, frame.arena});
      if (!equal) {
        frame.error = std::move(equal).error();
        return false;
      }
      const bool* truth = equal->get<bool>();
      same = truth != nullptr && *truth;
    }
    out = same == negated_;
    return true;
  }

 private:
  Implementation equals_;
  bool negated_;
};

}  // namespace

NodePtr make_and(std::vector<NodePtr> parts) { return std::make_unique<Junction<false>>(std::move(parts)); }
NodePtr make_or(std::vector<NodePtr> parts) { return std::make_unique<Junction<true>>(std::move(parts)); }
NodePtr make_not(NodePtr part) { return std::make_unique<Not>(std::move(part)); }

NodePtr make_null_test(NodePtr part, bool wants_null) {
  return std::make_unique<NullTest>(std::move(part), wants_null);
}
NodePtr make_truth_test(NodePtr part, Truth truth, bool negated) {
  return std::make_unique<TruthTest>(std::move(part), truth, negated);
}
NodePtr make_distinct(const Function& equals, NodePtr left, NodePtr right, bool negated) {
  return std::make_unique<Distinct>(equals, std::move(left), std::move(right), negated);
}

}  // namespace penstock::expression
