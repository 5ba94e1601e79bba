#include "expression/array_node.h"

#include <utility>

#include "expression/composite.h"
#include "expression/constant.h"
#include "expression/function.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

class Constructor final : public Composite {
 public:
  Constructor(std::vector<NodePtr> parts, Type type) : Composite("array", std::move(parts), type) {}

  bool evaluate(Frame& frame, Value& out) const override {
    std::vector<Value> items(parts().size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!parts()[i]->evaluate(frame, items[i])) return false;
    }
    const bool nested = !parts().empty() && is_array(parts().front()->type().oid);
    if (nested && !same_sizes(items)) {
      return frame.refuse("multidimensional arrays must have array expressions with matching dimensions");
    }
    if (nested && items.front().is_null()) items.clear();
    out = array_value(items, element_of(type().oid), frame.arena);
    return true;
  }

 private:
  static bool same_sizes(const std::vector<Value>& items) {
    const auto size_of = [](const Value& item) {
      const auto* array = item.get<Array>();
      return array == nullptr ? 0 : array->size;
    };
    for (const Value& item : items) {
      if (size_of(item) != size_of(items.front()) || item.is_null() != items.front().is_null()) return false;
    }
    return true;
  }
};

// Applies `element` to the elements of an array at any depth.
bool map_elements(Frame& frame, const Node& element, const Array& from, Value& out) {
  std::vector<Value> items(from.size);
  for (std::uint32_t i = 0; i < from.size; ++i) {
    if (const auto* inner = from.items[i].get<Array>(); inner != nullptr) {
      if (!map_elements(frame, element, *inner, items[i])) return false;
      continue;
    }
    const Value* outer = std::exchange(frame.element, &from.items[i]);
    const bool done = element.evaluate(frame, items[i]);
    frame.element = outer;
    if (!done) return false;
  }
  out = array_value(items, element.type().oid, frame.arena);
  return true;
}

class ArrayCast final : public Composite {
 public:
  ArrayCast(std::vector<NodePtr> parts, NodePtr element, Type type)
      : Composite("array_cast", std::move(parts), type), element_(std::move(element)) {}

  bool evaluate(Frame& frame, Value& out) const override {
    Value from;
    if (!parts()[0]->evaluate(frame, from)) return false;
    if (const auto* array = from.get<Array>(); array != nullptr) {
      if (!map_elements(frame, *element_, *array, out)) return false;
      out = with_bounds_of(array->text, out, frame.arena);
      return true;
    }
    out = Null{};
    return true;
  }
  void append_identity(std::string& out) const override {
    Composite::append_identity(out);
    element_->append_identity(out);
  }

 private:
  NodePtr element_;
};

Value texts_of(const ArrayText& text, Arena& arena) {
  std::vector<Value> items;
  for (const auto& item : text.items) {
    items.push_back(item ? Value(Text{arena.copy(*item)}) : Value(Null{}));
  }
  for (const ArrayText& inner : text.arrays) items.push_back(texts_of(inner, arena));
  Value* copies = arena.array<Value>(items.size());
  std::copy(items.begin(), items.end(), copies);
  return Array{copies, static_cast<std::uint32_t>(items.size()), {}};
}

// text to text[], elements as they stand there.
class ArraySplit final : public Composite {
 public:
  ArraySplit(std::vector<NodePtr> parts, Type type) : Composite("array_split", std::move(parts), type) {}

  bool evaluate(Frame& frame, Value& out) const override {
    if (!parts()[0]->evaluate(frame, out)) return false;
    const auto* text = out.get<Text>();
    if (text == nullptr) return true;
    const Result<ArrayText> parsed = parse_array(text->text);
    if (!parsed) return frame.refuse(parsed.error().message);
    out = texts_of(*parsed, frame.arena);
    if (!parsed->bounds.empty()) out = with_bounds_of(parsed->bounds, out, frame.arena);
    return true;
  }
};

class Subscript final : public Composite {
 public:
  Subscript(std::vector<NodePtr> parts, Type type) : Composite("subscript", std::move(parts), type) {}

  bool evaluate(Frame& frame, Value& out) const override {
    Value value;
    if (!parts()[0]->evaluate(frame, value)) return false;
    const auto* array = value.get<Array>();
    std::vector<std::int64_t> bounds;
    if (array != nullptr && array->text.starts_with('[')) bounds = lower_bounds(array->text);
    for (std::size_t i = 1; i < parts().size(); ++i) {
      Value index;
      if (!parts()[i]->evaluate(frame, index)) return false;
      value = element_at(value, index, i <= bounds.size() ? bounds[i - 1] : 1);
    }
    // Fewer subscripts than dimensions select nothing.
    out = value.get<Array>() != nullptr ? Value(Null{}) : value;
    return true;
  }

 private:
  static Value element_at(const Value& value, const Value& index, std::int64_t first) {
    const auto* array = value.get<Array>();
    const auto* at = index.get<std::int32_t>();
    if (array == nullptr || at == nullptr || *at < first) return Null{};
    const std::int64_t place = *at - first;
    return place < array->size ? array->items[place] : Value(Null{});
  }
};

}  // namespace

NodePtr make_array(std::vector<NodePtr> elements, Type type) {
  return folded(std::make_unique<Constructor>(std::move(elements), type));
}

Result<NodePtr> make_array_literal(const ArrayText& text, Type type,
                                   const std::function<Result<NodePtr>(std::string_view)>& read) {
  std::vector<NodePtr> elements;
  for (const auto& item : text.items) {
    if (!item) {
      elements.push_back(null_of(Type{element_of(type.oid)}));
      continue;
    }
    PENSTOCK_ASSIGN(NodePtr element, read(*item));
    elements.push_back(std::move(element));
  }
  for (const ArrayText& inner : text.arrays) {
    PENSTOCK_ASSIGN(NodePtr element, make_array_literal(inner, type, read));
    elements.push_back(std::move(element));
  }
  NodePtr array = make_array(std::move(elements), type);
  if (text.bounds.empty() || array->constant() == nullptr) return array;
  Arena owner;
  const Value value = with_bounds_of(text.bounds, *array->constant(), owner);
  return std::make_unique<Constant>(type, value, std::move(owner), std::move(array));
}

NodePtr make_array_cast(NodePtr array, NodePtr element, Type type) {
  return folded(std::make_unique<ArrayCast>(parts_of(std::move(array)), std::move(element), type));
}

NodePtr make_array_reader(NodePtr text, NodePtr element, Type type) {
  NodePtr split = std::make_unique<ArraySplit>(parts_of(std::move(text)), Type{oid::kTextArray});
  return make_array_cast(std::move(split), std::move(element), type);
}

NodePtr make_subscript(NodePtr array, std::vector<NodePtr> indexes, Type element) {
  std::vector<NodePtr> parts = parts_of(std::move(array));
  for (NodePtr& index : indexes) parts.push_back(std::move(index));
  return folded(std::make_unique<Subscript>(std::move(parts), element));
}

}  // namespace penstock::expression
