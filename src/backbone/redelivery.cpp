#include "backbone/redelivery.h"

#include <tuple>

namespace penstock::backbone {

Delivery delivery_of(const Place& applied, const envelope::Place& record) {
  if (!record.lsn || !applied.lsn.is_set()) return Delivery::kNew;
  if (record.snapshot) {
    const bool set_back = !record.incremental && *record.lsn < applied.last_commit;
    return set_back ? Delivery::kNewHistory : Delivery::kNew;
  }
  if (!record.last_commit) {
    // Its transaction's commit lies behind its own LSN, and so behind every commit that was known when the
    // record came first.
    const bool again =
        applied.last_commit.is_set() ? *record.lsn <= applied.last_commit : *record.lsn < applied.lsn;
    return again ? Delivery::kAgain : Delivery::kNew;
  }
  const bool again = std::tie(*record.last_commit, *record.lsn) < std::tie(applied.last_commit, applied.lsn);
  return again ? Delivery::kAgain : Delivery::kNew;
}

void note(Place& applied, const envelope::Place& record) {
  if (record.snapshot || !record.lsn) return;
  applied.last_commit = record.last_commit.value_or(Lsn{});
  applied.lsn = *record.lsn;
}

}  // namespace penstock::backbone
