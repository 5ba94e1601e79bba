// An aggregate over the rows of an embed.
#pragma once

#include <cstdint>
#include <vector>

#include "expression/aggregate/accumulator.h"
#include "expression/node.h"

namespace penstock::expression {

struct EmbedAggregateParts {
  std::vector<std::uint16_t> range;  // embeds from the expression's row to the rows
  AggregateShape shape;
  NodePtr argument;  // null for kCountRows
  NodePtr filter;    // null: all rows
  std::vector<NodePtr> order;
};
// Over the rows in the order they are given in; that order decides ties.
NodePtr make_embed_aggregate(EmbedAggregateParts parts, Type type);

// Most embeds that one aggregate may go down.
inline constexpr std::size_t kMostRange = 15;

}  // namespace penstock::expression
