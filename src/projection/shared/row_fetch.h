// Kept rows into the scratch state, as many at once as one question can ask for.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/event_batch.h"
#include "projection/shared/scratch.h"
#include "projection/view/tree.h"

namespace penstock {

// The keys of rows, by table.
using TouchedKeys = std::map<Mirror*, std::set<std::string>>;

// Of the rows that events change, as they were and as they will be. Keys that were not sent are left out:
// they are refused when the event is applied.
TouchedKeys keys_of(Scratch& scratch, const EventBatch& batch, std::size_t first, std::size_t last);

// For one group: what was asked for is not asked for again.
class RowFetch {
 public:
  explicit RowFetch(Scratch& scratch) : scratch_(scratch) {}

  Status fetch(Mirror& mirror, const std::vector<std::string>& keys);
  // Everything that the documents of these root rows show. False: the scratch state has come to more than
  // `most` bytes before all was there.
  Result<bool> below(const Tree& tree, const std::vector<std::string>& roots, std::size_t most);

 private:
  using Rows = std::vector<const Value*>;
  bool too_much() const { return scratch_.bytes() > most_; }
  Status descend(const Node& node, const Rows& owners, Arena& arena);
  Result<Rows> follow(const Lookup& lookup, const Rows& from, Arena& arena);
  Status ask(const Lookup& lookup, std::vector<std::string> values);

  Scratch& scratch_;
  std::size_t most_ = std::numeric_limits<std::size_t>::max();
  std::map<std::pair<const Mirror*, std::size_t>, std::set<std::string>> asked_;
};

}  // namespace penstock
