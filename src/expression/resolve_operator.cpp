// Operators, and what the grammar writes as one: IN, BETWEEN, IS DISTINCT FROM, NULLIF, ANY, ALL.
#include "expression/choice_node.h"
#include "expression/constant.h"
#include "expression/logic_node.h"
#include "expression/lookup.h"
#include "expression/resolver.h"
#include "expression/set_node.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

std::vector<NodePtr> pair_of(NodePtr left, NodePtr right) {
  std::vector<NodePtr> pair;
  pair.push_back(std::move(left));
  pair.push_back(std::move(right));
  return pair;
}

bool is_null_literal(const Node& node) { return is_unknown(node) && node.constant()->is_null(); }

std::string shown(const std::string& name, const std::vector<std::uint32_t>& types) {
  const std::string right = to_string(Type{types.back()});
  return types.size() == 1 ? name + " " + right : to_string(Type{types[0]}) + " " + name + " " + right;
}

}  // namespace

Result<NodePtr> Resolver::operation(const Tree& tree) {
  const std::string_view kind = tree.text("kind");
  const std::vector<std::string> names = tree.names("name");
  if (names.size() > 2 || (names.size() == 2 && names[0] != "pg_catalog")) {
    return refuse(tree.location(), "operators of other schemas are not supported in expressions");
  }
  const std::string& name = names.back();
  if (kind == "AEXPR_DISTINCT") return distinct(tree, false);
  if (kind == "AEXPR_NOT_DISTINCT") return distinct(tree, true);
  if (kind == "AEXPR_NULLIF") return null_if(tree);
  if (kind == "AEXPR_IN") return in_list(name, tree);
  if (kind == "AEXPR_OP_ANY") return array_test(name, tree, true);
  if (kind == "AEXPR_OP_ALL") return array_test(name, tree, false);
  if (kind == "AEXPR_BETWEEN" || kind == "AEXPR_BETWEEN_SYM")
    return between(tree, false, kind.ends_with("SYM"));
  if (kind == "AEXPR_NOT_BETWEEN" || kind == "AEXPR_NOT_BETWEEN_SYM") {
    return between(tree, true, kind.ends_with("SYM"));
  }
  const Tree left = tree.child("lexpr");
  const Tree right = tree.child("rexpr");
  if (left.tag() == "RowExpr" && right.tag() == "RowExpr") return row_comparison(name, tree);
  Nodes operands;
  if (left) {
    PENSTOCK_ASSIGN(NodePtr node, resolve(left));
    operands.push_back(std::move(node));
  }
  PENSTOCK_ASSIGN(NodePtr node, resolve(right));
  operands.push_back(std::move(node));
  return operate(name, std::move(operands), tree.location());
}

Result<NodePtr> Resolver::row_comparison(const std::string& name, const Tree& tree) {
  const std::vector<Tree> left = tree.child("lexpr").children("args");
  const std::vector<Tree> right = tree.child("rexpr").children("args");
  if (left.size() != right.size())
    return refuse(tree.location(), "unequal number of entries in row expressions");
  if (name != "=" && name != "<>") return refuse(tree.location(), "rows are compared by = and <> only");
  Nodes parts;
  for (std::size_t i = 0; i < left.size(); ++i) {
    PENSTOCK_ASSIGN(NodePtr one, resolve(left[i]));
    PENSTOCK_ASSIGN(NodePtr other, resolve(right[i]));
    PENSTOCK_ASSIGN(NodePtr part, operate(name, pair_of(std::move(one), std::move(other)), tree.location()));
    parts.push_back(std::move(part));
  }
  return name == "=" ? make_and(std::move(parts)) : make_or(std::move(parts));
}

Result<Choice> Resolver::chosen_operator(const std::string& name, const std::vector<std::uint32_t>& types,
                                         int location) const {
  Choice choice = choose_operator(functions_named(name), types);
  if (choice.kind == Choice::Kind::kAmbiguous) {
    return refuse(location, "operator is not unique: " + shown(name, types), "Add explicit type casts.");
  }
  if (choice.kind == Choice::Kind::kNone) {
    return refuse(location, "operator does not exist: " + shown(name, types),
                  "No operator of that name takes these types; a type cast may help.");
  }
  return choice;
}

Result<NodePtr> Resolver::operate(const std::string& name, Nodes operands, int location) {
  std::vector<std::uint32_t> types;
  for (const NodePtr& operand : operands) types.push_back(operand->type().oid);
  PENSTOCK_ASSIGN(const Choice choice, chosen_operator(name, types, location));
  return placed(make_chosen_call(choice, std::move(operands)), location);
}

Result<Resolver::Operation> Resolver::compared(const std::string& name, NodePtr left, NodePtr right,
                                               int location) {
  PENSTOCK_ASSIGN(const Choice choice,
                  chosen_operator(name, {left->type().oid, right->type().oid}, location));
  if (choice.result != oid::kBool) return refuse(location, "operator " + name + " gives no boolean here");
  const std::vector<std::uint32_t>& wanted = choice.candidate.arguments;
  PENSTOCK_ASSIGN(left, placed(coerce(std::move(left), Type{wanted[0]}, Coercion::kImplicit), location));
  PENSTOCK_ASSIGN(right, placed(coerce(std::move(right), Type{wanted[1]}, Coercion::kImplicit), location));
  return Operation{choice.candidate.function, std::move(left), std::move(right)};
}

Result<NodePtr> Resolver::distinct(const Tree& tree, bool negated) {
  PENSTOCK_ASSIGN(NodePtr left, resolve(tree.child("lexpr")));
  PENSTOCK_ASSIGN(NodePtr right, resolve(tree.child("rexpr")));
  if (is_null_literal(*right)) return make_null_test(std::move(left), negated);
  if (is_null_literal(*left)) return make_null_test(std::move(right), negated);
  PENSTOCK_ASSIGN(Operation equals, compared("=", std::move(left), std::move(right), tree.location()));
  return make_distinct(*equals.function, std::move(equals.left), std::move(equals.right), negated);
}

Result<NodePtr> Resolver::null_if(const Tree& tree) {
  PENSTOCK_ASSIGN(NodePtr left, resolve(tree.child("lexpr")));
  PENSTOCK_ASSIGN(NodePtr right, resolve(tree.child("rexpr")));
  PENSTOCK_ASSIGN(Operation equals, compared("=", std::move(left), std::move(right), tree.location()));
  return make_nullif(*equals.function, std::move(equals.left), std::move(equals.right));
}

Result<NodePtr> Resolver::between(const Tree& tree, bool negated, bool symmetric) {
  const int location = tree.location();
  const Tree value = tree.child("lexpr");
  const std::vector<Tree> limits = tree.child("rexpr").children("items");
  const auto compare = [&](const char* name, const Tree& limit) -> Result<NodePtr> {
    PENSTOCK_ASSIGN(NodePtr left, resolve(value));
    PENSTOCK_ASSIGN(NodePtr right, resolve(limit));
    return operate(name, pair_of(std::move(left), std::move(right)), location);
  };
  const auto inside = [&](const Tree& low, const Tree& high) -> Result<NodePtr> {
    PENSTOCK_ASSIGN(NodePtr above, compare(negated ? "<" : ">=", low));
    PENSTOCK_ASSIGN(NodePtr below, compare(negated ? ">" : "<=", high));
    Nodes both = pair_of(std::move(above), std::move(below));
    return negated ? make_or(std::move(both)) : make_and(std::move(both));
  };
  if (!symmetric) return inside(limits[0], limits[1]);
  PENSTOCK_ASSIGN(NodePtr straight, inside(limits[0], limits[1]));
  PENSTOCK_ASSIGN(NodePtr swapped, inside(limits[1], limits[0]));
  Nodes both = pair_of(std::move(straight), std::move(swapped));
  return negated ? make_and(std::move(both)) : make_or(std::move(both));
}

Result<NodePtr> Resolver::array_test(const std::string& name, const Tree& tree, bool any) {
  const int location = tree.location();
  PENSTOCK_ASSIGN(NodePtr left, resolve(tree.child("lexpr")));
  PENSTOCK_ASSIGN(NodePtr right, resolve(tree.child("rexpr")));
  const std::uint32_t array = right->type().oid;
  const std::uint32_t element = array == oid::kUnknown ? array : element_of(array);
  if (element == 0) return refuse(location, "op ANY/ALL (array) requires array on right side");
  PENSTOCK_ASSIGN(const Choice choice, chosen_operator(name, {left->type().oid, element}, location));
  if (choice.result != oid::kBool) {
    return refuse(location, "op ANY/ALL (array) requires operator to yield boolean");
  }
  const std::vector<std::uint32_t>& wanted = choice.candidate.arguments;
  const std::uint32_t wanted_array = expression::array_of(wanted[1]);
  if (wanted_array == 0) return refuse(location, "there are no arrays of " + to_string(Type{wanted[1]}));
  PENSTOCK_ASSIGN(left, placed(coerce(std::move(left), Type{wanted[0]}, Coercion::kImplicit), location));
  PENSTOCK_ASSIGN(right, placed(coerce(std::move(right), Type{wanted_array}, Coercion::kImplicit), location));
  return make_array_test(*choice.candidate.function, std::move(left), std::move(right),
                         any ? Quantifier::kAny : Quantifier::kAll);
}

// As PostgreSQL has it: several items without columns are made one type and come first; all others are
// compared one by one, in their order.
Result<NodePtr> Resolver::in_list(const std::string& name, const Tree& tree) {
  const int location = tree.location();
  const Tree left = tree.child("lexpr");
  const Tree list = tree.child("rexpr");
  if (list.tag() != "List") return refuse(location, "IN takes a list of values");
  if (left.tag() == "RowExpr") return refuse(location, "IN takes single values, not rows");
  Nodes items;
  Nodes constants;  // empty places of `items` are theirs
  std::vector<std::uint32_t> types;
  for (const Tree& item : list.children("items")) {
    const std::size_t columns_before = columns_seen_;
    PENSTOCK_ASSIGN(NodePtr node, resolve(item));
    const bool is_constant = columns_seen_ == columns_before;
    if (is_constant) types.push_back(node->type().oid);
    items.push_back(is_constant ? nullptr : std::move(node));
    if (is_constant) constants.push_back(std::move(node));
  }
  Nodes tests;
  PENSTOCK_ASSIGN(NodePtr first, resolve(left));
  types.insert(types.begin(), first->type().oid);
  const auto common = common_type(types);
  const bool at_once = constants.size() > 1 && common && expression::array_of(*common) != 0;
  if (at_once) {
    PENSTOCK_ASSIGN(NodePtr test, one_of(name, std::move(first), std::move(constants), *common, location));
    tests.push_back(std::move(test));
  }
  std::size_t next = 0;
  for (NodePtr& item : items) {
    if (item == nullptr && at_once) continue;
    NodePtr right = item == nullptr ? std::move(constants[next++]) : std::move(item);
    PENSTOCK_ASSIGN(NodePtr again, resolve(left));
    PENSTOCK_ASSIGN(NodePtr test, operate(name, pair_of(std::move(again), std::move(right)), location));
    PENSTOCK_ASSIGN(test, placed(coerce_to_bool(std::move(test), "argument of IN"), location));
    tests.push_back(std::move(test));
  }
  return name == "<>" ? make_and(std::move(tests)) : make_or(std::move(tests));
}

Result<NodePtr> Resolver::one_of(const std::string& name, NodePtr left, Nodes constants, std::uint32_t common,
                                 int location) {
  PENSTOCK_ASSIGN(const Choice choice, chosen_operator(name, {left->type().oid, common}, location));
  const std::vector<std::uint32_t>& wanted = choice.candidate.arguments;
  for (NodePtr& constant : constants) {
    for (const std::uint32_t type : {common, wanted[1]}) {
      PENSTOCK_ASSIGN(constant,
                      placed(coerce(std::move(constant), Type{type}, Coercion::kImplicit), location));
    }
  }
  PENSTOCK_ASSIGN(left, placed(coerce(std::move(left), Type{wanted[0]}, Coercion::kImplicit), location));
  return make_list_test(*choice.candidate.function, std::move(left), std::move(constants),
                        name == "<>" ? Quantifier::kAll : Quantifier::kAny);
}

}  // namespace penstock::expression
