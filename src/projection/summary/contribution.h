// What one row brings to a summary: the key of its group and what each aggregate takes of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expression/expression.h"
#include "model/arena.h"
#include "model/value.h"
#include "projection/summary/definition.h"

namespace penstock {

struct Contribution {
  struct Part {
    bool counts = false;  // the filter holds, and the argument is not a NULL that is skipped
    Value argument;
    std::string place;  // among the group's rows, where the aggregate keeps them in order
  };
  std::vector<Value> keys;
  std::string group;        // the keys' canonical bytes
  std::vector<Part> parts;  // one for each call
};

// Evaluates; values may borrow from the row and the arena. kBadValue, naming the collection and what it
// groups or aggregates, when an expression has no value at this row.
Result<Contribution> contribute(const SummaryDefinition& definition, const expression::Row& row,
                                Arena& arena);

// As a record. Equal contributions have equal bytes.
std::string encode(const SummaryDefinition& definition, const Contribution& contribution);
// Values borrow from `bytes` and the arena. kInternal when the bytes are damaged.
Result<Contribution> decode_contribution(const SummaryDefinition& definition, std::string_view bytes,
                                         Arena& arena);

std::string group_bytes(const SummaryDefinition& definition, const std::vector<Value>& keys);

}  // namespace penstock
