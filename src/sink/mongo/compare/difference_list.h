// The differences of one collection: each document once, counted, and the first ones kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "sink/mongo/compare/comparison_result.h"
#include "sink/mongo/compare/digest.h"

namespace penstock::mongo {

class DifferenceList {
 public:
  explicit DifferenceList(std::size_t most_kept) : most_kept_(most_kept) {}

  void add(const Hash128& id, Difference difference);
  // The document is compared anew. Those that were not kept stay counted.
  void forget(const Hash128& id) { kept_.erase(id); }
  void clear();

  std::uint64_t count(DifferenceKind kind) const;
  std::vector<Difference> in_order() const;
  bool empty() const { return kept_.empty() && dropped_ == std::array<std::uint64_t, 3>{}; }
  bool wants_fields() const { return kept_.size() < kWithFields; }

 private:
  static constexpr std::size_t kWithFields = 1000;
  struct Kept {
    std::uint64_t number = 0;
    Difference difference;
  };
  std::size_t most_kept_;
  std::uint64_t next_ = 0;
  std::unordered_map<Hash128, Kept> kept_;
  std::array<std::uint64_t, 3> dropped_{};  // by kind: counted only
};

}  // namespace penstock::mongo
