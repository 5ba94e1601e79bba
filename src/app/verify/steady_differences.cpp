#include "app/verify/steady_differences.h"

#include <algorithm>

namespace penstock::app {
namespace {

std::uint64_t& count_of(mongo::CollectionResult& result, mongo::DifferenceKind kind) {
  switch (kind) {
    case mongo::DifferenceKind::kMissing:
      return result.missing;
    case mongo::DifferenceKind::kExtra:
      return result.extra;
    case mongo::DifferenceKind::kDiffers:
      break;
  }
  return result.differing;
}

}  // namespace

void SteadyDifferences::note(const std::vector<mongo::Difference>& differences) {
  if (!begun_) return note_exact(differences);
  std::set<Name> still;
  for (const mongo::Difference& one : differences)
    if (always_.contains(name_of(one))) still.insert(name_of(one));
  always_ = std::move(still);
}

void SteadyDifferences::note_exact(const std::vector<mongo::Difference>& differences) {
  begun_ = true;
  always_.clear();
  for (const mongo::Difference& one : differences) always_.insert(name_of(one));
}

void SteadyDifferences::keep_in(VerifyReport& report) const {
  std::erase_if(report.differences, [&](const mongo::Difference& one) {
    if (always_.contains(name_of(one))) return false;
    const auto result = std::find_if(report.collections.begin(), report.collections.end(),
                                     [&](const auto& each) { return each.collection == one.collection; });
    if (result != report.collections.end()) --count_of(*result, one.kind);
    return true;
  });
}

}  // namespace penstock::app
