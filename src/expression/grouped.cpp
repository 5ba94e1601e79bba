#include "expression/grouped.h"

#include "expression/column.h"
#include "expression/resolver.h"

namespace penstock::expression {
namespace {

struct Keys {
  const std::vector<Grouped::Key>* keys;
  std::vector<std::string> identities;
};

// A column outside of aggregates that is no key.
struct Ungrouped {
  std::string name;
  int location = -1;
};

// Puts keys in the place of what equals them, from the root down.
std::optional<Ungrouped> put_keys(NodePtr& node, const Keys& keys) {
  const std::string own = identity(*node);
  for (std::size_t i = 0; i < keys.identities.size(); ++i) {
    if (keys.identities[i] != own) continue;
    node = std::make_unique<GroupValue>(node->type(), GroupValue::Kind::kKey, i);
    return std::nullopt;
  }
  if (const auto* column = dynamic_cast<const Column*>(node.get()); column != nullptr) {
    return Ungrouped{column->name(), column->location()};
  }
  std::optional<Ungrouped> left;
  node->each_child([&](NodePtr& child) {
    if (!left) left = put_keys(child, keys);
  });
  return left;
}

struct Attempt {
  NodePtr root;
  std::vector<AggregateCall> calls;
  std::optional<Ungrouped> left;
};

Result<Attempt> attempt(const Source& source, const Tree& tree, const Scope& scope, const Keys& keys,
                        bool prefer_keys) {
  Resolver resolver(source, scope, Resolver::Place::kGroup);
  if (prefer_keys) resolver.prefer_keys(*keys.keys);
  Attempt made;
  PENSTOCK_ASSIGN(made.root, resolver.resolve_whole(tree));
  made.left = put_keys(made.root, keys);
  made.calls = resolver.take_calls();
  return made;
}

}  // namespace

Grouped::Grouped(std::shared_ptr<const Node> root, std::vector<AggregateCall> calls)
    : root_(std::move(root)), calls_(std::make_shared<const std::vector<AggregateCall>>(std::move(calls))) {}

Result<Grouped> Grouped::compile(const Source& source, const Scope& scope, const std::vector<Key>& keys) {
  PENSTOCK_ASSIGN(const Syntax syntax, Syntax::parse(source));
  Keys known{&keys, {}};
  for (const Key& key : keys) known.identities.push_back(identity(*key.expression->root_));
  // Names are columns first, as in PostgreSQL's GROUP BY; where that makes no sense they are keys.
  Result<Attempt> first = attempt(source, syntax.expression(), scope, known, false);
  if (first && !first->left) return Grouped(std::move(first->root), std::move(first->calls));
  Result<Attempt> second = attempt(source, syntax.expression(), scope, known, true);
  if (second && !second->left) return Grouped(std::move(second->root), std::move(second->calls));
  if (!second && !first) return fail(second.error());
  const Ungrouped& left = first ? *first->left : *second->left;
  return fail(error_at(source, left.location,
                       "column " + left.name + " must be a key of group_by or stand inside an aggregate",
                       "Add it to group_by, or take an aggregate such as max(" + left.name + ")."));
}

Type Grouped::type() const { return root_->type(); }

const std::vector<AggregateCall>& Grouped::calls() const { return *calls_; }

Result<Value> Grouped::evaluate(std::span<const Value> keys, std::span<const Value> results,
                                Arena& arena) const {
  Frame frame{nullptr, arena, keys, results};
  Value value;
  if (!root_->evaluate(frame, value)) return fail(std::move(frame.error));
  return value;
}

}  // namespace penstock::expression
