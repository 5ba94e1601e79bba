#include "projection/nearest_column.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace penstock {
namespace {

// Levenshtein's distance.
std::size_t edits(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

const Column* nearest_column(const TableSchema& schema, std::string_view name) {
  const auto nearest = std::min_element(
      schema.columns.begin(), schema.columns.end(),
      [&](const Column& a, const Column& b) { return edits(name, a.name) < edits(name, b.name); });
  return nearest == schema.columns.end() ? nullptr : &*nearest;
}

}  // namespace penstock
