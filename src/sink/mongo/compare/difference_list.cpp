#include "sink/mongo/compare/difference_list.h"

#include <algorithm>

namespace penstock::mongo {

const char* name_of(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::kMissing:
      return "missing";
    case DifferenceKind::kExtra:
      return "extra";
    case DifferenceKind::kDiffers:
      break;
  }
  return "differs";
}

void DifferenceList::add(const Hash128& id, Difference difference) {
  if (kept_.size() < most_kept_ || kept_.contains(id)) {
    kept_.insert_or_assign(id, Kept{next_++, std::move(difference)});
  } else {
    ++dropped_.at(static_cast<std::size_t>(difference.kind));
  }
}

void DifferenceList::clear() {
  kept_.clear();
  dropped_ = {};
}

std::uint64_t DifferenceList::count(DifferenceKind kind) const {
  const auto kept = std::count_if(kept_.begin(), kept_.end(),
                                  [&](const auto& one) { return one.second.difference.kind == kind; });
  return static_cast<std::uint64_t>(kept) + dropped_.at(static_cast<std::size_t>(kind));
}

std::vector<Difference> DifferenceList::in_order() const {
  std::vector<const Kept*> kept;
  kept.reserve(kept_.size());
  for (const auto& [id, one] : kept_) kept.push_back(&one);
  std::sort(kept.begin(), kept.end(), [](const Kept* a, const Kept* b) { return a->number < b->number; });
  std::vector<Difference> all;
  all.reserve(kept.size());
  for (const Kept* one : kept) all.push_back(one->difference);
  return all;
}

}  // namespace penstock::mongo
