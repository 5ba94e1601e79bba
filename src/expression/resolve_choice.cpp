// CASE, COALESCE, GREATEST and LEAST, and arrays.
#include "expression/array_node.h"
#include "expression/choice_node.h"
#include "expression/constant.h"
#include "expression/resolver.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

std::vector<NodePtr*> addresses(std::vector<NodePtr>& nodes) {
  std::vector<NodePtr*> all;
  for (NodePtr& node : nodes) all.push_back(&node);
  return all;
}

}  // namespace

Result<NodePtr> Resolver::case_of(const Tree& tree) {
  NodePtr argument;
  if (const Tree given = tree.child("arg"); given) {
    PENSTOCK_ASSIGN(argument, resolve_whole(given));
  }
  Nodes conditions;
  Nodes results;  // the first is what is left otherwise, as PostgreSQL counts them
  NodePtr otherwise = null_of(Type{oid::kUnknown});
  if (const Tree given = tree.child("defresult"); given) {
    PENSTOCK_ASSIGN(otherwise, resolve(given));
  }
  results.push_back(std::move(otherwise));
  for (const Tree& when : tree.children("args")) {
    const Tree test = when.child("expr");
    PENSTOCK_ASSIGN(NodePtr condition, resolve(test));
    if (argument != nullptr) {
      Nodes sides;
      sides.push_back(std::make_unique<ElementValue>(argument->type()));
      sides.push_back(std::move(condition));
      PENSTOCK_ASSIGN(condition, operate("=", std::move(sides), test.location()));
    }
    PENSTOCK_ASSIGN(condition,
                    placed(coerce_to_bool(std::move(condition), "argument of CASE/WHEN"), test.location()));
    conditions.push_back(std::move(condition));
    PENSTOCK_ASSIGN(NodePtr result, resolve(when.child("result")));
    results.push_back(std::move(result));
  }
  PENSTOCK_ASSIGN(const Type type, placed(unify(addresses(results), "CASE"), tree.location()));
  Nodes branches;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    branches.push_back(std::move(conditions[i]));
    branches.push_back(std::move(results[i + 1]));
  }
  return make_case(std::move(argument), std::move(branches), std::move(results[0]), type);
}

Result<NodePtr> Resolver::coalesce(const Tree& tree) {
  PENSTOCK_ASSIGN(Nodes parts, resolve_all(tree.children("args")));
  PENSTOCK_ASSIGN(const Type type, placed(unify(addresses(parts), "COALESCE"), tree.location()));
  return make_coalesce(std::move(parts), type);
}

Result<NodePtr> Resolver::extreme(const Tree& tree) {
  const bool greatest = tree.text("op") == "IS_GREATEST";
  PENSTOCK_ASSIGN(Nodes parts, resolve_all(tree.children("args")));
  PENSTOCK_ASSIGN(const Type type,
                  placed(unify(addresses(parts), greatest ? "GREATEST" : "LEAST"), tree.location()));
  const Comparison comparison = comparison_of(type.oid);
  if (comparison == nullptr) {
    return refuse(tree.location(), "could not identify a comparison function for type " + to_string(type));
  }
  return make_extreme(std::move(parts), type, comparison, greatest);
}

Result<NodePtr> Resolver::array(const Tree& tree) { return array_of(tree, std::nullopt); }

Result<NodePtr> Resolver::array_of(const Tree& tree, std::optional<Type> type) {
  Nodes elements;
  bool nested = false;
  for (const Tree& item : tree.children("elements")) {
    const bool is_constructor = item.tag() == "A_ArrayExpr";
    PENSTOCK_ASSIGN(NodePtr element, is_constructor ? array_of(item, type) : resolve(item));
    nested = nested || is_constructor || is_array(element->type().oid);
    elements.push_back(std::move(element));
  }
  if (!type) {
    if (elements.empty()) {
      return refuse(tree.location(), "cannot determine type of empty array",
                    "Name the type: ARRAY[]::integer[].");
    }
    PENSTOCK_ASSIGN(const Type common, placed(unify(addresses(elements), "ARRAY"), tree.location()));
    type = Type{nested ? common.oid : expression::array_of(common.oid)};
    if (type->oid == 0) {
      return refuse(tree.location(), "there are no arrays of " + to_string(common) + " in expressions");
    }
    return make_array(std::move(elements), *type);
  }
  const Type wanted = nested ? *type : Type{element_of(type->oid), type->modifier};
  for (NodePtr& element : elements) {
    PENSTOCK_ASSIGN(element,
                    placed(coerce(std::move(element), wanted, Coercion::kExplicit), tree.location()));
  }
  return make_array(std::move(elements), *type);
}

Result<NodePtr> Resolver::subscript(const Tree& tree) {
  const int location = tree.location();
  PENSTOCK_ASSIGN(NodePtr value, resolve(tree.child("arg")));
  Nodes indexes;
  for (const Tree& index : tree.children("indirection")) {
    if (index.tag() != "A_Indices") {
      return refuse(location, "fields of composite values are not supported in expressions");
    }
    if (index.flag("is_slice")) return refuse(location, "array slices are not supported in expressions");
    PENSTOCK_ASSIGN(NodePtr node, resolve(index.child("uidx")));
    indexes.push_back(std::move(node));
  }
  if (value->type().oid == oid::kJsonb) {
    for (NodePtr& index : indexes) {
      Nodes sides;
      sides.push_back(std::move(value));
      sides.push_back(std::move(index));
      PENSTOCK_ASSIGN(value, operate("->", std::move(sides), location));
    }
    return value;
  }
  const Type type = value->type();
  if (!is_array(type.oid)) {
    return refuse(location, "cannot subscript type " + to_string(type) + ", which is no array");
  }
  for (NodePtr& index : indexes) {
    if (!can_coerce(index->type().oid, oid::kInt4, Coercion::kAssignment)) {
      return refuse(location, "array subscript must have type integer");
    }
    PENSTOCK_ASSIGN(index,
                    placed(coerce(std::move(index), Type{oid::kInt4}, Coercion::kAssignment), location));
  }
  return make_subscript(std::move(value), std::move(indexes), Type{element_of(type.oid), type.modifier});
}

}  // namespace penstock::expression
