// From the parse tree to typed nodes: names are looked up, overloads chosen, literals given their types.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "expression/aggregate_call.h"
#include "expression/coercion.h"
#include "expression/grouped.h"
#include "expression/node.h"
#include "expression/overload.h"
#include "expression/syntax.h"

namespace penstock::expression {

// Of one expression; used once. All errors are kConfiguration with their place in the source.
class Resolver {
 public:
  enum class Place : std::uint8_t {
    kRow,       // an Expression: aggregates range over embeds
    kGroup,     // a Grouped: aggregates range over the group's rows and become calls()
    kArgument,  // of an aggregate of a Grouped: a row, without aggregates
  };
  Resolver(const Source& source, const Scope& scope, Place place)
      : source_(source), scope_(scope), place_(place) {}

  // For kGroup: names that stand for keys rather than for columns.
  void prefer_keys(const std::vector<Grouped::Key>& keys) { keys_ = &keys; }

  Result<NodePtr> resolve(const Tree& tree);
  // With a type of its own.
  Result<NodePtr> resolve_whole(const Tree& tree);
  static Expression make_expression(NodePtr root);
  std::vector<AggregateCall> take_calls() { return std::move(calls_); }

 private:
  using Nodes = std::vector<NodePtr>;

  // What the path of a name leads to.
  struct Path {
    std::uint16_t up = 0;
    const Scope* scope = nullptr;
    std::vector<std::uint16_t> embeds;
    std::size_t through_many = 0;  // how many of `embeds`, up to the last `many` one
  };
  // What the aggregate being resolved ranges over: known once its first column is.
  struct Range {
    std::vector<std::uint16_t> embeds;
    std::string name;  // "lines"
  };
  struct AggregateParts;
  struct Operation {
    const Function* function = nullptr;
    NodePtr left;
    NodePtr right;
  };

  tl::unexpected<Error> refuse(int location, const std::string& message, std::string remedy = {}) const {
    return fail(error_at(source_, location, message, std::move(remedy)));
  }
  // Adds the place to an error that has none.
  template <class T>
  Result<T> placed(Result<T> result, int location) const {
    if (result) return result;
    return refuse(location, result.error().message, result.error().remedy);
  }
  Result<NodePtr> dispatch(const Tree& tree);

  // resolver.cpp
  Result<NodePtr> constant(const Tree& tree);
  Result<NodePtr> type_cast(const Tree& tree);
  Result<NodePtr> junction(const Tree& tree);
  Result<NodePtr> null_test(const Tree& tree);
  Result<NodePtr> truth_test(const Tree& tree);
  Result<NodePtr> collated(const Tree& tree);
  Result<Nodes> resolve_all(const std::vector<Tree>& trees);

  // resolve_choice.cpp
  Result<NodePtr> case_of(const Tree& tree);
  Result<NodePtr> coalesce(const Tree& tree);
  Result<NodePtr> extreme(const Tree& tree);
  Result<NodePtr> array(const Tree& tree);
  // ARRAY[...] of that array type; none: of the type that the elements have in common.
  Result<NodePtr> array_of(const Tree& tree, std::optional<Type> type);
  Result<NodePtr> subscript(const Tree& tree);

  // resolve_operator.cpp
  Result<NodePtr> operation(const Tree& tree);
  Result<NodePtr> row_comparison(const std::string& name, const Tree& tree);
  Result<NodePtr> operate(const std::string& name, Nodes operands, int location);
  // The operator and both sides as it takes them; it gives a boolean.
  Result<Operation> compared(const std::string& name, NodePtr left, NodePtr right, int location);
  Result<Choice> chosen_operator(const std::string& name, const std::vector<std::uint32_t>& types,
                                 int location) const;
  Result<NodePtr> distinct(const Tree& tree, bool negated);
  Result<NodePtr> null_if(const Tree& tree);
  Result<NodePtr> between(const Tree& tree, bool negated, bool symmetric);
  Result<NodePtr> array_test(const std::string& name, const Tree& tree, bool any);
  Result<NodePtr> in_list(const std::string& name, const Tree& tree);
  Result<NodePtr> one_of(const std::string& name, NodePtr left, Nodes constants, std::uint32_t common,
                         int location);

  // resolve_call.cpp
  Result<NodePtr> call(const Tree& tree);
  Result<NodePtr> call_function(const std::string& name, Nodes arguments, int location);
  std::optional<Result<NodePtr>> cast_by_name(const std::string& name, Nodes& arguments, int location);

  // resolve_column.cpp
  Result<NodePtr> column(const Tree& tree);
  Result<Path> path_to(const std::vector<std::string>& names, std::size_t count, int location) const;
  Result<NodePtr> column_at(const std::vector<std::string>& names, Path path, int location);
  Result<void> enter_range(const Path& path, const std::vector<std::string>& names, int location);
  tl::unexpected<Error> unknown_column(const std::vector<std::string>& names, const Path& path,
                                       int location) const;
  NodePtr key_named(const std::string& name) const;  // null: none is preferred
  // Whether the tree names a `many` embed, whose rows count(lines) counts; it is then the range.
  Result<bool> names_rows(const Tree& tree);

  // resolve_aggregate.cpp
  Result<NodePtr> aggregate(AggregateKind kind, const Tree& tree);
  Result<NodePtr> aggregate_over_embed(AggregateKind kind, const Tree& tree);
  Result<NodePtr> aggregate_over_group(AggregateKind kind, const Tree& tree);
  Result<AggregateParts> aggregate_parts(AggregateKind kind, const Tree& tree);
  Result<void> resolve_argument(const Tree& tree, AggregateParts& parts);
  Result<void> resolve_order(const Tree& tree, AggregateParts& parts);
  static std::string identity_of(const AggregateParts& parts);

  const Source& source_;
  const Scope& scope_;
  Place place_;
  const std::vector<Grouped::Key>* keys_ = nullptr;
  std::vector<AggregateCall> calls_;
  std::vector<std::string> call_identities_;
  bool in_aggregate_ = false;
  std::optional<Range> range_;
  std::size_t columns_seen_ = 0;
  int depth_ = 0;
};

}  // namespace penstock::expression
