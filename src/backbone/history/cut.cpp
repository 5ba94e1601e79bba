#include "backbone/history/cut.h"

#include <algorithm>

namespace penstock::backbone {

void Cut::observe(Lsn after, Lsn lsn, std::uint32_t transaction) {
  if (after >= at_) {
    next_ = next_ ? std::min(*next_, after) : after;
    return;
  }
  if (after_ && after < *after_) return;
  if (after_ != after) lsn_ = Lsn{};
  after_ = after;
  lsn_ = std::max(lsn_, lsn);
  transaction_ = transaction;
}

Cut::Newest Cut::newest() const {
  if (!after_) return Newest::kNone;
  if (lsn_ >= at_) return Newest::kOpen;
  if (known_) return *known_;
  return next_ == at_ ? Newest::kCommitted : Newest::kUnknown;
}

}  // namespace penstock::backbone
