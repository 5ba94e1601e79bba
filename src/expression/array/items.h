// What is in an array, and arrays made of items.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "expression/function.h"

namespace penstock::expression {

std::span<const Value> items_of(const Value& array);
std::vector<Value> copy_items(const Value& array);
int dimensions_of(const Value& array);  // 0 for an empty one
// Of a dimension, from 1. Lower bounds that are not 1 stand before the text: "[2:3]={…}", "[0:1][5:6]={…}".
std::int64_t lower_bound_of(const Value& array, int dimension);
// With its text. `lower`: the first dimension's bound; the others begin at 1.
Value array_from(const Call& call, const std::vector<Value>& items, std::int64_t lower = 1);
// Equal, or both NULL.
bool same_item(const Value& left, const Value& right);

}  // namespace penstock::expression
