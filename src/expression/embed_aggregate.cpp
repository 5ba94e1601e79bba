#include "expression/embed_aggregate.h"

#include <array>
#include <string_view>

namespace penstock::expression {
namespace {

// Bytes that order as the number does.
void append_number(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

class EmbedAggregate final : public Node {
 public:
  EmbedAggregate(EmbedAggregateParts parts, Type type) : Node(type), parts_(std::move(parts)) {}

  bool evaluate(Frame& frame, Value& out) const override {
    std::array<const Row*, kMostRange + 1> rows{};
    rows[0] = frame.rows[0];
    if (parts_.shape.kind == AggregateKind::kCountRows && parts_.filter == nullptr) {
      out = static_cast<std::int64_t>(count(*rows[0], 0));
      return true;
    }
    Frame inner{rows.data(), frame.arena, frame.keys, frame.results, frame.element};
    const auto accumulator = make_accumulator(parts_.shape);
    Walk walk{inner, rows, *accumulator, 0, {}};
    Result<Value> result = descend(walk, 0) ? accumulator->result(frame.arena) : fail(std::move(inner.error));
    if (!result) {
      frame.error = std::move(result).error();
      return false;
    }
    out = *result;
    return true;
  }

  void append_identity(std::string& out) const override {
    out += "aggregate(" + std::to_string(static_cast<int>(parts_.shape.kind));
    if (parts_.shape.distinct) out += " distinct";
    for (const std::uint16_t embed : parts_.range) out += "." + std::to_string(embed);
    for (const Node* part : {parts_.argument.get(), parts_.filter.get()}) {
      out += ";";
      if (part != nullptr) part->append_identity(out);
    }
    for (std::size_t i = 0; i < parts_.order.size(); ++i) {
      const SortDirection& direction = parts_.shape.order[i];
      out += direction.descending ? ";desc" : ";asc";
      out += direction.nulls_first ? " first " : " last ";
      parts_.order[i]->append_identity(out);
    }
    out += ")";
  }

  void each_child(const std::function<void(NodePtr&)>& visit) override {
    if (parts_.argument != nullptr) visit(parts_.argument);
    if (parts_.filter != nullptr) visit(parts_.filter);
    for (NodePtr& by : parts_.order) visit(by);
  }
  std::optional<Reference> reads() const override {
    if (parts_.shape.kind != AggregateKind::kCountRows) return std::nullopt;
    return Reference{0, parts_.range, Reference::kRows};
  }

 private:
  struct Walk {
    Frame& frame;
    std::array<const Row*, kMostRange + 1>& rows;
    Accumulator& accumulator;
    std::uint64_t seen = 0;
    std::string tie;
  };

  // Without an order of its own an aggregate takes the rows as the embed has them; with one, its ties go by
  // the keys, whatever order the embed has.
  std::string_view tie_of(Walk& walk) const {
    walk.tie.clear();
    for (std::size_t depth = 1; !parts_.order.empty() && depth <= parts_.range.size(); ++depth)
      walk.tie += walk.rows[depth]->key;
    append_number(walk.tie, walk.seen++);
    return walk.frame.arena.copy(walk.tie);
  }

  std::size_t count(const Row& row, std::size_t depth) const {
    const Row::Children& children = row.embeds[parts_.range[depth]];
    if (depth + 1 == parts_.range.size()) return children.size;
    std::size_t total = 0;
    for (std::uint32_t i = 0; i < children.size; ++i) total += count(*children.rows[i], depth + 1);
    return total;
  }

  bool descend(Walk& walk, std::size_t depth) const {
    if (depth == parts_.range.size()) return add_row(walk);
    const Row::Children& children = walk.rows[depth]->embeds[parts_.range[depth]];
    for (std::uint32_t i = 0; i < children.size; ++i) {
      walk.rows[depth + 1] = children.rows[i];
      if (!descend(walk, depth + 1)) return false;
    }
    return true;
  }

  bool add_row(Walk& walk) const {
    Value argument;
    if (parts_.filter != nullptr) {
      if (!parts_.filter->evaluate(walk.frame, argument)) return false;
      const bool* passes = argument.get<bool>();
      if (passes == nullptr || !*passes) return true;
      argument = Null{};
    }
    if (parts_.argument != nullptr && !parts_.argument->evaluate(walk.frame, argument)) return false;
    Value* order = walk.frame.arena.array<Value>(parts_.order.size());
    for (std::size_t i = 0; i < parts_.order.size(); ++i) {
      if (!parts_.order[i]->evaluate(walk.frame, order[i])) return false;
    }
    const Status added = walk.accumulator.add(argument, {order, parts_.order.size()}, tie_of(walk));
    if (!added) walk.frame.error = added.error();
    return added.has_value();
  }

  EmbedAggregateParts parts_;
};

}  // namespace

NodePtr make_embed_aggregate(EmbedAggregateParts parts, Type type) {
  return std::make_unique<EmbedAggregate>(std::move(parts), type);
}

}  // namespace penstock::expression
