// The outcome of a comparison, for people and for scripts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/position.h"
#include "sink/mongo/compare/comparison_result.h"

namespace penstock::app {

struct VerifyReport {
  std::string pipeline;
  Position position;         // at which both sides were compared
  bool one_position = true;  // false: `position` is the last of several
  double sample = 1;         // part of the documents that was looked up
  double seconds = 0;
  std::vector<mongo::CollectionResult> collections;
  std::vector<mongo::Difference> differences;  // the first ones of each collection (kept by the comparer)
  std::uint64_t repaired = 0;                  // documents that differed, and do no longer

  bool equal() const;
  std::uint64_t different() const;  // documents
};

// At most `limit` differences are shown.
std::string verify_text(const VerifyReport& report, std::size_t limit);
std::string verify_json(const VerifyReport& report, std::size_t limit);

}  // namespace penstock::app
