// Aggregates: over the rows of an embed, or over those of a group.
#include <algorithm>

#include "expression/aggregate/accumulator.h"
#include "expression/column.h"
#include "expression/compare.h"
#include "expression/embed_aggregate.h"
#include "expression/resolver.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

// NULLs sort last, also when descending, unless they are said to come first: a reader of "the latest" does
// not mean the one without a date.
SortDirection direction_of(const Tree& sort) {
  return {sort.text("sortby_dir") == "SORTBY_DESC", sort.text("sortby_nulls") == "SORTBY_NULLS_FIRST"};
}

std::string name_of(const Tree& tree) { return tree.names("funcname").back(); }

// min(varchar) is min(text).
Type declared_argument(AggregateKind kind, Type type) {
  const bool is_extreme = kind == AggregateKind::kMin || kind == AggregateKind::kMax;
  return is_extreme && type.oid == oid::kVarchar ? Type{oid::kText} : type;
}

}  // namespace

// An aggregate as resolved so far, whatever it ranges over.
struct Resolver::AggregateParts {
  AggregateKind kind = AggregateKind::kCount;
  bool distinct = false;
  NodePtr argument;
  NodePtr filter;
  Nodes order;
  std::vector<SortDirection> directions;
};

Result<NodePtr> Resolver::aggregate(AggregateKind kind, const Tree& tree) {
  const int location = tree.location();
  const std::string name = name_of(tree);
  if (place_ == Place::kArgument || in_aggregate_) {
    return refuse(location, "aggregates cannot be nested: " + name + "() stands inside another one");
  }
  if (tree.has("agg_within_group")) return refuse(location, "WITHIN GROUP is not supported in expressions");
  if (tree.flag("func_variadic")) return refuse(location, "VARIADIC is not supported in expressions");
  const std::size_t count = tree.children("args").size();
  if (tree.flag("agg_star")) {
    if (kind != AggregateKind::kCount)
      return refuse(location, name + "(*) does not exist; only count(*) does");
    if (place_ == Place::kRow) {
      return refuse(location, "count(*) counts the rows of a group, and here there is none",
                    "Count the rows of an embed by its name: count(lines).");
    }
    kind = AggregateKind::kCountRows;
  } else if (count != 1) {
    return refuse(location, name + "() takes one argument, not " + std::to_string(count));
  }
  ++columns_seen_;  // its value is one of the row
  return place_ == Place::kRow ? aggregate_over_embed(kind, tree) : aggregate_over_group(kind, tree);
}

Result<void> Resolver::resolve_argument(const Tree& tree, AggregateParts& parts) {
  if (parts.kind == AggregateKind::kCountRows) return {};
  const Tree argument = tree.children("args")[0];
  PENSTOCK_ASSIGN(parts.argument, resolve_whole(argument));
  const Type wanted = declared_argument(parts.kind, parts.argument->type());
  PENSTOCK_ASSIGN(parts.argument, placed(coerce(std::move(parts.argument), wanted, Coercion::kImplicit),
                                         argument.location()));
  return {};
}

Result<void> Resolver::resolve_order(const Tree& tree, AggregateParts& parts) {
  for (const Tree& sort : tree.children("agg_order")) {
    const Tree by = sort.child("node");
    if (sort.has("useOp")) return refuse(by.location(), "ORDER BY USING is not supported; write ASC or DESC");
    PENSTOCK_ASSIGN(NodePtr node, resolve_whole(by));
    if (comparison_of(node->type().oid) == nullptr) {
      return refuse(by.location(),
                    "could not identify an ordering operator for type " + to_string(node->type()));
    }
    if (parts.distinct && (parts.argument == nullptr || identity(*node) != identity(*parts.argument))) {
      return refuse(by.location(),
                    "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list");
    }
    parts.order.push_back(std::move(node));
    parts.directions.push_back(direction_of(sort));
  }
  return {};
}

Result<Resolver::AggregateParts> Resolver::aggregate_parts(AggregateKind kind, const Tree& tree) {
  AggregateParts parts;
  parts.kind = kind;
  parts.distinct = tree.flag("agg_distinct");
  PENSTOCK_TRY(resolve_argument(tree, parts));
  if (const Tree filter = tree.child("agg_filter"); filter) {
    PENSTOCK_ASSIGN(NodePtr node, resolve(filter));
    PENSTOCK_ASSIGN(parts.filter,
                    placed(coerce_to_bool(std::move(node), "argument of FILTER"), filter.location()));
  }
  PENSTOCK_TRY(resolve_order(tree, parts));
  const Type argument = parts.argument == nullptr ? Type{} : parts.argument->type();
  if (parts.distinct && comparison_of(argument.oid) == nullptr) {
    return refuse(tree.location(), "could not identify an equality operator for type " + to_string(argument));
  }
  return parts;
}

Result<NodePtr> Resolver::aggregate_over_embed(AggregateKind kind, const Tree& tree) {
  in_aggregate_ = true;
  range_.reset();
  const bool may_count_rows = kind == AggregateKind::kCount && !tree.flag("agg_distinct");
  if (may_count_rows) {
    PENSTOCK_ASSIGN(const bool rows, names_rows(tree.children("args")[0]));
    if (rows) kind = AggregateKind::kCountRows;
  }
  PENSTOCK_ASSIGN(AggregateParts parts, aggregate_parts(kind, tree));
  in_aggregate_ = false;
  if (!range_) {
    return refuse(tree.location(), name_of(tree) + "() names no embed whose rows it would range over",
                  "Prefix its columns by the embed: sum(lines.quantity).");
  }
  const std::vector<std::uint16_t> range = range_->embeds;
  range_.reset();
  if (range.size() > kMostRange) return refuse(tree.location(), "the aggregate goes down too many embeds");
  const Type argument = parts.argument == nullptr ? Type{} : parts.argument->type();
  PENSTOCK_ASSIGN(const Type type, placed(aggregate_result_type(kind, argument), tree.location()));
  EmbedAggregateParts made;
  made.range = range;
  made.shape.kind = kind;
  made.shape.argument = argument;
  made.shape.distinct = parts.distinct;
  made.shape.order = std::move(parts.directions);
  for (const NodePtr& by : parts.order) made.shape.order_types.push_back(by->type());
  made.argument = std::move(parts.argument);
  made.filter = std::move(parts.filter);
  made.order = std::move(parts.order);
  return make_embed_aggregate(std::move(made), type);
}

// Equal calls are one.
Result<NodePtr> Resolver::aggregate_over_group(AggregateKind kind, const Tree& tree) {
  Resolver inner(source_, scope_, Place::kArgument);
  PENSTOCK_ASSIGN(AggregateParts parts, inner.aggregate_parts(kind, tree));
  const Type argument = parts.argument == nullptr ? Type{} : parts.argument->type();
  PENSTOCK_ASSIGN(const Type type, placed(aggregate_result_type(kind, argument), tree.location()));
  const std::string same = identity_of(parts);
  const auto found = std::find(call_identities_.begin(), call_identities_.end(), same);
  const auto index = static_cast<std::size_t>(found - call_identities_.begin());
  if (found == call_identities_.end()) {
    AggregateCall call;
    call.kind = kind;
    call.distinct = parts.distinct;
    call.result = type;
    if (parts.argument != nullptr) call.argument = make_expression(std::move(parts.argument));
    if (parts.filter != nullptr) call.filter = make_expression(std::move(parts.filter));
    for (std::size_t i = 0; i < parts.order.size(); ++i) {
      call.order.push_back({make_expression(std::move(parts.order[i])), parts.directions[i].descending,
                            parts.directions[i].nulls_first});
    }
    calls_.push_back(std::move(call));
    call_identities_.push_back(same);
  }
  return std::make_unique<GroupValue>(type, GroupValue::Kind::kResult, index);
}

std::string Resolver::identity_of(const AggregateParts& parts) {
  std::string out = std::to_string(static_cast<int>(parts.kind)) + (parts.distinct ? " distinct" : "");
  for (const Node* part : {parts.argument.get(), parts.filter.get()}) {
    out += ";";
    if (part != nullptr) part->append_identity(out);
  }
  for (std::size_t i = 0; i < parts.order.size(); ++i) {
    out += parts.directions[i].descending ? ";desc" : ";asc";
    out += parts.directions[i].nulls_first ? " first " : " last ";
    parts.order[i]->append_identity(out);
  }
  return out;
}

Expression Resolver::make_expression(NodePtr root) {
  std::vector<Reference> reads;
  collect_reads(*root, reads);
  return Expression(std::move(root), std::move(reads));
}

}  // namespace penstock::expression
