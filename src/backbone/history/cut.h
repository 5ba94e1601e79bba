// A cut through the order of source transactions at a place in the WAL: which of them had committed before
// it.
#pragma once

#include <cstdint>
#include <optional>

#include "model/lsn.h"

namespace penstock::backbone {

// A record of Debezium's names of its transaction only the end of the commit before it ("after") and where
// its own change stands (source.sequence). Two transactions never come after the same commit, so that one had
// committed by whatever a later one comes after. Of the newest one that begins before the cut, the place may
// not tell.
class Cut {
 public:
  enum class Newest : std::uint8_t {
    kNone,       // there is none
    kCommitted,  // it had committed before the cut
    kOpen,       // it had not
    kUnknown,    // its commit lies somewhere around the cut
  };

  explicit Cut(Lsn at) : at_(at) {}

  // Of each change, in any order.
  void observe(Lsn after, Lsn lsn, std::uint32_t transaction);
  Newest newest() const;
  // Somebody else knows what became of the newest one.
  void settle(Newest known) { known_ = known; }

  // Whether the transaction that comes after this commit had committed; the newest one only where it is
  // known.
  bool had_committed(Lsn after) const {
    return after < at_ && (after != after_ || newest() == Newest::kCommitted);
  }

  Lsn at() const { return at_; }
  Lsn newest_after() const { return after_.value_or(Lsn{}); }
  Lsn newest_lsn() const { return lsn_; }
  std::uint32_t newest_transaction() const { return transaction_; }
  // What the transaction behind it comes after; nothing: none is there.
  std::optional<Lsn> next_after() const { return next_; }

 private:
  Lsn at_;
  std::optional<Lsn> after_, next_;
  Lsn lsn_;  // the newest one's last change
  std::uint32_t transaction_ = 0;
  std::optional<Newest> known_;
};

}  // namespace penstock::backbone
