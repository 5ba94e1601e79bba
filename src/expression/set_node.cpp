#include "expression/set_node.h"

#include <array>

#include "expression/composite.h"

namespace penstock::expression {
namespace {

std::string_view name_of(bool list, Quantifier quantifier) {
  if (list) return quantifier == Quantifier::kAny ? "in" : "not_in";
  return quantifier == Quantifier::kAny ? "any" : "all";
}

class SetTest : public Composite {
 public:
  SetTest(std::string_view name, const Function& operation, std::vector<NodePtr> parts, Quantifier quantifier)
      : Composite(name, std::move(parts), Type{oid::kBool}),
        operation_(operation),
        decides_(quantifier == Quantifier::kAny) {}

  void append_identity(std::string& out) const override {
    out += operation_.name;
    for (const std::uint32_t type : operation_.arguments) out += "," + std::to_string(type);
    Composite::append_identity(out);
  }

 protected:
  enum class Step : std::uint8_t { kError, kDecided, kUndecided, kUnknown };

  Step compare(Frame& frame, const Value& left, const Value& right) const {
    if (left.is_null() || right.is_null()) return Step::kUnknown;
    const std::array<Value, 2> sides = {left, right};
    Result<Value> result = operation_.call(Call{sides, frame.arena});
    if (!result) {
      frame.error = std::move(result).error();
      return Step::kError;
    }
    const bool* truth = result->get<bool>();
    if (truth == nullptr) return Step::kUnknown;
    return *truth == decides_ ? Step::kDecided : Step::kUndecided;
  }
  bool decides() const { return decides_; }

 private:
  const Function& operation_;
  bool decides_;
};

class ListTest final : public SetTest {
 public:
  using SetTest::SetTest;
  bool evaluate(Frame& frame, Value& out) const override {
    Value left, right;
    if (!evaluate_part(0, frame, left)) return false;
    bool unknown = false;
    for (std::size_t i = 1; i < parts().size(); ++i) {
      if (!evaluate_part(i, frame, right)) return false;
      const Step step = compare(frame, left, right);
      if (step == Step::kError) return false;
      if (step == Step::kDecided) {
        out = decides();
        return true;
      }
      unknown = unknown || step == Step::kUnknown;
    }
    out = unknown ? Value(Null{}) : Value(!decides());
    return true;
  }
};

class ArrayTest final : public SetTest {
 public:
  using SetTest::SetTest;
  bool evaluate(Frame& frame, Value& out) const override {
    Value left, right;
    if (!evaluate_part(0, frame, left) || !evaluate_part(1, frame, right)) return false;
    const auto* array = right.get<Array>();
    if (array == nullptr) {
      out = Null{};
      return true;
    }
    Step step = Step::kUndecided;
    bool unknown = false;
    if (!walk(frame, left, *array, step, unknown)) return false;
    out = step == Step::kDecided ? Value(decides()) : unknown ? Value(Null{}) : Value(!decides());
    return true;
  }

 private:
  // Elements at any depth.
  bool walk(Frame& frame, const Value& left, const Array& array, Step& step, bool& unknown) const {
    for (std::uint32_t i = 0; i < array.size && step != Step::kDecided; ++i) {
      if (const auto* inner = array.items[i].get<Array>(); inner != nullptr) {
        if (!walk(frame, left, *inner, step, unknown)) return false;
        continue;
      }
      step = compare(frame, left, array.items[i]);
      if (step == Step::kError) return false;
      unknown = unknown || step == Step::kUnknown;
    }
    return true;
  }
};

}  // namespace

NodePtr make_list_test(const Function& operation, NodePtr left, std::vector<NodePtr> others,
                       Quantifier quantifier) {
  std::vector<NodePtr> parts = parts_of(std::move(left));
  for (NodePtr& other : others) parts.push_back(std::move(other));
  return std::make_unique<ListTest>(name_of(true, quantifier), operation, std::move(parts), quantifier);
}

NodePtr make_array_test(const Function& operation, NodePtr left, NodePtr array, Quantifier quantifier) {
  return std::make_unique<ArrayTest>(name_of(false, quantifier), operation,
                                     parts_of(std::move(left), std::move(array)), quantifier);
}

}  // namespace penstock::expression
