// Arrays: built, taken apart, and made of another type.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "expression/array_text.h"
#include "expression/node.h"

namespace penstock::expression {

// Stands for what the surrounding node has come to: an element of an array, the argument of CASE.
class ElementValue final : public Node {
 public:
  using Node::Node;
  bool evaluate(Frame& frame, Value& out) const override {
    out = *frame.element;
    return true;
  }
  void append_identity(std::string& out) const override { out += "element"; }
};

// ARRAY[...]: all elements are of the array's element type, or all are arrays of the array's own type.
NodePtr make_array(std::vector<NodePtr> elements, Type type);
// '{…}' as a constant; `read` makes an element of its text.
Result<NodePtr> make_array_literal(const ArrayText& text, Type type,
                                   const std::function<Result<NodePtr>(std::string_view)>& read);
// `element` is computed over an ElementValue, for each element of `array`.
NodePtr make_array_cast(NodePtr array, NodePtr element, Type type);
// The same over the elements in an array's text.
NodePtr make_array_reader(NodePtr text, NodePtr element, Type type);
// array[1][2]; `indexes` are integers.
NodePtr make_subscript(NodePtr array, std::vector<NodePtr> indexes, Type element);

}  // namespace penstock::expression
