#include "expression/resolver.h"

#include <charconv>
#include <unordered_map>

#include "expression/constant.h"
#include "expression/logic_node.h"
#include "expression/refusals.h"
#include "expression/type_name.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

// Deeper trees than people write would only exhaust the stack.
constexpr int kMostDepth = 1000;

// Of a number that is not an int4: int8 if it fits, else numeric (PostgreSQL source: make_const()).
std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<NodePtr> Resolver::resolve_whole(const Tree& tree) {
  PENSTOCK_ASSIGN(NodePtr node, resolve(tree));
  return placed(settled(std::move(node)), tree.location());
}

Result<NodePtr> Resolver::resolve(const Tree& tree) {
  if (depth_ >= kMostDepth) return refuse(tree.location(), "the expression is nested too deep");
  ++depth_;
  Result<NodePtr> node = dispatch(tree);
  --depth_;
  return node;
}

Result<NodePtr> Resolver::dispatch(const Tree& tree) {
  using Handler = Result<NodePtr> (Resolver::*)(const Tree&);
  static const std::unordered_map<std::string_view, Handler> handlers = {
      {"A_Const", &Resolver::constant},        {"TypeCast", &Resolver::type_cast},
      {"BoolExpr", &Resolver::junction},       {"NullTest", &Resolver::null_test},
      {"BooleanTest", &Resolver::truth_test},  {"CollateClause", &Resolver::collated},
      {"CaseExpr", &Resolver::case_of},        {"CoalesceExpr", &Resolver::coalesce},
      {"MinMaxExpr", &Resolver::extreme},      {"A_ArrayExpr", &Resolver::array},
      {"A_Indirection", &Resolver::subscript}, {"A_Expr", &Resolver::operation},
      {"FuncCall", &Resolver::call},           {"ColumnRef", &Resolver::column},
  };
  if (const auto found = handlers.find(tree.tag()); found != handlers.end()) {
    return (this->*found->second)(tree);
  }
  const int location = tree.location();
  if (tree.tag() == "SubLink") {
    return refuse(location, "a subquery cannot be in an expression",
                  "Declare the rows it reads as an embed and take an aggregate over it.");
  }
  if (tree.tag() == "SQLValueFunction") return refuse(location, why_value_refused(tree.text("op")));
  if (tree.tag() == "ParamRef") return refuse(location, "an expression has no parameters");
  if (tree.tag() == "RowExpr") return refuse(location, "a row is not a value in an expression");
  if (tree.tag() == "SetToDefault") return refuse(location, "DEFAULT is not allowed in an expression");
  return refuse(location, std::string(tree.tag()) + " is not supported in expressions");
}

Result<Resolver::Nodes> Resolver::resolve_all(const std::vector<Tree>& trees) {
  Nodes nodes;
  for (const Tree& tree : trees) {
    PENSTOCK_ASSIGN(NodePtr node, resolve(tree));
    nodes.push_back(std::move(node));
  }
  return nodes;
}

Result<NodePtr> Resolver::constant(const Tree& tree) {
  if (tree.flag("isnull")) return null_of(Type{oid::kUnknown});
  if (tree.has("boolval")) return constant_of(Type{oid::kBool}, tree.part("boolval").flag("boolval"));
  if (tree.has("ival")) return constant_of(Type{oid::kInt4}, integer_of(tree, source_));
  if (tree.has("sval")) return literal(tree.part("sval").text("sval"));
  if (!tree.has("fval")) return refuse(tree.location(), "bit strings are not supported in expressions");
  const std::string_view text = tree.part("fval").text("fval");
  const auto number = whole_number(text);
  if (!number) {
    return placed(coerce(literal(text), Type{oid::kNumeric}, Coercion::kImplicit), tree.location());
  }
  const auto small = static_cast<std::int32_t>(*number);
  if (small == *number) return constant_of(Type{oid::kInt4}, small);
  return constant_of(Type{oid::kInt8}, *number);
}

Result<NodePtr> Resolver::type_cast(const Tree& tree) {
  const Tree name = tree.part("typeName");
  const int location = tree.location();
  PENSTOCK_ASSIGN(const Type type, placed(resolve_type_name(name, source_), name.location()));
  const Tree argument = tree.child("arg");
  // ARRAY[...]::type[] gives the type to its elements.
  const bool typed_elements = argument.tag() == "A_ArrayExpr" && is_array(type.oid);
  if (typed_elements) return array_of(argument, type);
  PENSTOCK_ASSIGN(NodePtr node, resolve(argument));
  return placed(coerce(std::move(node), type, Coercion::kExplicit), location);
}

Result<NodePtr> Resolver::junction(const Tree& tree) {
  const std::string_view operation = tree.text("boolop");
  const std::string word = operation == "AND_EXPR" ? "AND" : operation == "OR_EXPR" ? "OR" : "NOT";
  Nodes parts;
  for (const Tree& argument : tree.children("args")) {
    PENSTOCK_ASSIGN(NodePtr node, resolve(argument));
    PENSTOCK_ASSIGN(node,
                    placed(coerce_to_bool(std::move(node), "argument of " + word), argument.location()));
    parts.push_back(std::move(node));
  }
  if (word == "NOT") return make_not(std::move(parts[0]));
  return word == "AND" ? make_and(std::move(parts)) : make_or(std::move(parts));
}

Result<NodePtr> Resolver::null_test(const Tree& tree) {
  PENSTOCK_ASSIGN(NodePtr node, resolve(tree.child("arg")));
  return make_null_test(std::move(node), tree.text("nulltesttype") == "IS_NULL");
}

Result<NodePtr> Resolver::truth_test(const Tree& tree) {
  const std::string_view test = tree.text("booltesttype");
  const bool negated = test.starts_with("IS_NOT_");
  const std::string_view wanted = test.substr(negated ? 7 : 3);
  const Truth truth = wanted == "TRUE" ? Truth::kTrue : wanted == "FALSE" ? Truth::kFalse : Truth::kUnknown;
  const std::string what = std::string("argument of IS ") + (negated ? "NOT " : "") + std::string(wanted);
  PENSTOCK_ASSIGN(NodePtr node, resolve(tree.child("arg")));
  PENSTOCK_ASSIGN(node, placed(coerce_to_bool(std::move(node), what), tree.location()));
  return make_truth_test(std::move(node), truth, negated);
}

// Text compares as COLLATE "C" everywhere.
Result<NodePtr> Resolver::collated(const Tree& tree) {
  const std::string name = tree.names("collname").back();
  const bool is_bytewise = name == "C" || name == "POSIX" || name == "ucs_basic";
  if (is_bytewise || name == "default") return resolve(tree.child("arg"));
  return refuse(tree.location(),
                "collation \"" + name + "\" is not supported: text compares as COLLATE \"C\"");
}

}  // namespace penstock::expression
