// How much one step of a lane makes: all that the settings allow, or less where MongoDB does not hold that in
// one transaction.
#pragma once

#include <algorithm>
#include <cstddef>

#include "projection/shared/settlement.h"

namespace penstock::library {

class StepSize {
 public:
  // Of the documents of one step (`groups.bytes`).
  explicit StepSize(std::size_t bytes) : bytes_(bytes) {}

  StepLimits limits() const {
    StepLimits limits;
    limits.rows = std::max<std::size_t>(limits.rows >> halvings_, 1);
    limits.bytes = bytes_ >> halvings_;
    return limits;
  }
  // A transaction was too much for the server. False: it was one document already.
  bool halve() {
    held_ = 0;
    if (limits().rows == 1) return false;
    ++halvings_;
    return true;
  }
  // One was committed: after some of them twice as much is tried again.
  void held() {
    if (halvings_ == 0 || ++held_ < kHeld) return;
    --halvings_;
    held_ = 0;
  }

 private:
  static constexpr unsigned kHeld = 16;  // one that is too much may have taken a minute
  std::size_t bytes_;
  unsigned halvings_ = 0, held_ = 0;
};

}  // namespace penstock::library
