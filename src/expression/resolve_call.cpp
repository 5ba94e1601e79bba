// Function calls.
#include <algorithm>

#include "base/nearest.h"
#include "expression/constant.h"
#include "expression/lookup.h"
#include "expression/refusals.h"
#include "expression/resolver.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

std::optional<AggregateKind> aggregate_named(std::string_view name) {
  struct Named {
    std::string_view name;
    AggregateKind kind;
  };
  constexpr Named kNames[] = {
      {"count", AggregateKind::kCount},
      {"sum", AggregateKind::kSum},
      {"avg", AggregateKind::kAvg},
      {"min", AggregateKind::kMin},
      {"max", AggregateKind::kMax},
      {"bool_and", AggregateKind::kBoolAnd},
      {"every", AggregateKind::kBoolAnd},
      {"bool_or", AggregateKind::kBoolOr},
      {"array_agg", AggregateKind::kArrayAgg},
      {"first_value", AggregateKind::kFirstValue},
      {"last_value", AggregateKind::kLastValue},
  };
  for (const Named& named : kNames) {
    if (named.name == name) return named.kind;
  }
  return std::nullopt;
}

std::string shown(const std::string& name, const std::vector<std::uint32_t>& types) {
  std::string text = name + "(";
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (i > 0) text += ", ";
    text += to_string(Type{types[i]});
  }
  return text + ")";
}

std::vector<std::string> all_names() {
  std::vector<std::string> names = function_names();
  names.insert(names.end(), {"count", "sum", "avg", "min", "max", "bool_and", "bool_or", "array_agg",
                             "first_value", "last_value", "coalesce", "nullif", "greatest", "least"});
  return names;
}

}  // namespace

Result<NodePtr> Resolver::call(const Tree& tree) {
  const int location = tree.location();
  const std::vector<std::string> names = tree.names("funcname");
  if (names.size() > 2 || (names.size() == 2 && names[0] != "pg_catalog")) {
    return refuse(location, "functions of other schemas cannot be in an expression: " + names[0] + "." +
                                names[1] + "()");
  }
  const std::string& name = names.back();
  if (tree.has("over"))
    return refuse(location, "window functions cannot be in an expression: " + name + "()");
  if (const auto kind = aggregate_named(name)) return aggregate(*kind, tree);
  if (const auto why = why_refused(name)) {
    return refuse(location, *why, "Take a column of the row, or a function of its columns.");
  }
  for (const char* clause : {"agg_star", "agg_distinct", "agg_order", "agg_filter", "agg_within_group"}) {
    if (tree.has(clause)) return refuse(location, name + "() is no aggregate function");
  }
  if (tree.flag("func_variadic")) return refuse(location, "VARIADIC is not supported in expressions");
  const std::vector<Tree> trees = tree.children("args");
  for (const Tree& argument : trees) {
    if (argument.tag() == "NamedArgExpr") {
      return refuse(location, "named arguments are not supported in expressions: write them in order");
    }
  }
  PENSTOCK_ASSIGN(Nodes arguments, resolve_all(trees));
  return call_function(name, std::move(arguments), location);
}

Result<NodePtr> Resolver::call_function(const std::string& name, Nodes arguments, int location) {
  std::vector<std::uint32_t> types;
  for (const NodePtr& argument : arguments) types.push_back(argument->type().oid);
  const std::vector<const Function*>& overloads = functions_named(name);
  const Choice choice = choose_function(overloads, types);
  if (choice.kind == Choice::Kind::kFound) {
    return placed(make_chosen_call(choice, std::move(arguments)), location);
  }
  if (choice.kind == Choice::Kind::kAmbiguous) {
    return refuse(location, "function " + shown(name, types) + " is not unique", "Add explicit type casts.");
  }
  if (auto cast = cast_by_name(name, arguments, location)) return std::move(*cast);
  if (overloads.empty()) {
    return refuse(location, "function " + name + "() is not known here" + did_you_mean(name, all_names()),
                  "docs/expressions.md lists the functions.");
  }
  return refuse(location, "function " + shown(name, types) + " does not exist",
                "No function of that name takes these types; a type cast may help.");
}

// text(x), numeric(x): a type's name called with one argument is a cast.
std::optional<Result<NodePtr>> Resolver::cast_by_name(const std::string& name, Nodes& arguments,
                                                      int location) {
  const TypeFacts* type = find_type(std::string_view(name));
  if (arguments.size() != 1 || type == nullptr || type->internal != name || type->oid == oid::kUnknown) {
    return std::nullopt;
  }
  if (!can_coerce(arguments[0]->type().oid, type->oid, Coercion::kExplicit)) return std::nullopt;
  return placed(coerce(std::move(arguments[0]), Type{type->oid}, Coercion::kExplicit), location);
}

}  // namespace penstock::expression
