#include "expression/candidate_selection.h"

#include <algorithm>

#include "expression/coercion.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

using Types = std::span<const std::uint32_t>;
using Candidates = std::vector<const Candidate*>;

// Those for which the most known arguments match.
template <class Matches>
Candidates with_most(const Candidates& candidates, Types types, Matches matches) {
  Candidates best;
  std::ptrdiff_t most = 0;
  for (const Candidate* candidate : candidates) {
    std::ptrdiff_t count = 0;
    for (std::size_t i = 0; i < types.size(); ++i) {
      if (types[i] != oid::kUnknown && matches(candidate->arguments[i], types[i])) ++count;
    }
    if (best.empty() || count > most) {
      best.assign(1, candidate);
      most = count;
    } else if (count == most) {
      best.push_back(candidate);
    }
  }
  return best;
}

// What an unknown literal at one position is taken for.
struct Slot {
  char category = '\0';
  bool has_preferred = false;
  bool conflict = false;
};

Slot slot_at(const Candidates& candidates, std::size_t position) {
  Slot slot;
  for (const Candidate* candidate : candidates) {
    const std::uint32_t type = candidate->arguments[position];
    const char category = category_of(type);
    if (slot.category == '\0' || (category != slot.category && category == 'S')) {
      slot.category = category;
      slot.has_preferred = is_preferred(type);
    } else if (category == slot.category) {
      slot.has_preferred = slot.has_preferred || is_preferred(type);
    } else {
      slot.conflict = true;
    }
  }
  slot.conflict = slot.conflict && slot.category != 'S';
  return slot;
}

// Leaves those that take literals as the category that wins; all when none would be left, or when the
// categories conflict.
Candidates by_literal_category(const Candidates& candidates, Types types) {
  Candidates kept = candidates;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i] != oid::kUnknown) continue;
    const Slot slot = slot_at(candidates, i);
    if (slot.conflict) return candidates;
    std::erase_if(kept, [&](const Candidate* candidate) {
      const std::uint32_t type = candidate->arguments[i];
      return category_of(type) != slot.category || (slot.has_preferred && !is_preferred(type));
    });
  }
  return kept.empty() ? candidates : kept;
}

// All known arguments are of one type: the literals may be too.
const Candidate* as_one_type(const Candidates& candidates, Types types) {
  std::uint32_t known = oid::kUnknown;
  for (const std::uint32_t type : types) {
    if (type == oid::kUnknown || type == known) continue;
    if (known != oid::kUnknown) return nullptr;
    known = type;
  }
  if (known == oid::kUnknown) return nullptr;
  const Candidate* only = nullptr;
  for (const Candidate* candidate : candidates) {
    const bool fits =
        std::all_of(candidate->arguments.begin(), candidate->arguments.end(),
                    [&](std::uint32_t declared) { return can_coerce(known, declared, Coercion::kImplicit); });
    if (!fits) continue;
    if (only != nullptr) return nullptr;
    only = candidate;
  }
  return only;
}

}  // namespace

const Candidate* select_candidate(const std::vector<Candidate>& candidates, Types types) {
  Candidates left;
  for (const Candidate& candidate : candidates) left.push_back(&candidate);
  left =
      with_most(left, types, [](std::uint32_t declared, std::uint32_t given) { return declared == given; });
  if (left.size() == 1) return left[0];
  left = with_most(left, types, [](std::uint32_t declared, std::uint32_t given) {
    return declared == given || (is_preferred(declared) && category_of(declared) == category_of(given));
  });
  if (left.size() == 1) return left[0];
  if (std::find(types.begin(), types.end(), std::uint32_t{oid::kUnknown}) == types.end()) return nullptr;
  left = by_literal_category(left, types);
  if (left.size() == 1) return left[0];
  return as_one_type(left, types);
}

}  // namespace penstock::expression
