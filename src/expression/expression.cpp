#include "expression/expression.h"

#include "expression/column.h"
#include "expression/resolver.h"

namespace penstock::expression {
namespace {

Result<NodePtr> resolved(const Source& source, const Scope& scope, bool condition) {
  PENSTOCK_ASSIGN(const Syntax syntax, Syntax::parse(source));
  Resolver resolver(source, scope, Resolver::Place::kRow);
  if (!condition) return resolver.resolve_whole(syntax.expression());
  PENSTOCK_ASSIGN(NodePtr node, resolver.resolve(syntax.expression()));
  Result<NodePtr> truth = coerce_to_bool(std::move(node), "a condition");
  if (!truth) return fail(error_at(source, syntax.expression().location(), truth.error().message));
  return truth;
}

}  // namespace

Expression::Expression(std::shared_ptr<const Node> root, std::vector<Reference> reads)
    : root_(std::move(root)), reads_(std::make_shared<const std::vector<Reference>>(std::move(reads))) {}

Result<Expression> Expression::compile(const Source& source, const Scope& scope) {
  PENSTOCK_ASSIGN(NodePtr root, resolved(source, scope, false));
  return Resolver::make_expression(std::move(root));
}

Result<Expression> Expression::compile_condition(const Source& source, const Scope& scope) {
  PENSTOCK_ASSIGN(NodePtr root, resolved(source, scope, true));
  return Resolver::make_expression(std::move(root));
}

Type Expression::type() const { return root_->type(); }

const std::vector<Reference>& Expression::reads() const { return *reads_; }

std::optional<Reference> Expression::bare_column() const {
  const auto* column = dynamic_cast<const Column*>(root_.get());
  return column == nullptr ? std::nullopt : column->reads();
}

Result<Value> Expression::evaluate(const Row& row, Arena& arena) const {
  const Row* rows[] = {&row};
  Frame frame{rows, arena};
  Value value;
  if (!root_->evaluate(frame, value)) return fail(std::move(frame.error));
  return value;
}

Result<bool> Expression::holds(const Row& row, Arena& arena) const {
  PENSTOCK_ASSIGN(const Value value, evaluate(row, arena));
  const bool* truth = value.get<bool>();
  return truth != nullptr && *truth;
}

}  // namespace penstock::expression
