// Records that a connector writes a second time, after a kill or a lost acknowledgement.
#pragma once

#include <cstdint>

#include "envelope/read/event_reader.h"
#include "model/places.h"

namespace penstock::backbone {

enum class Delivery : std::uint8_t {
  kNew,         // or the same as the newest one, which is applied once more: that changes nothing
  kAgain,       // older than the newest one of its partition
  kNewHistory,  // a load of another PostgreSQL, or of one set back: nothing can be told by what came before
};

// Within a partition the order of offsets is the order of commits, but for records that are delivered again.
// A change stands at (the end of the commit before its transaction, its own LSN), both of source.sequence:
// source.lsn alone orders nothing, as transactions overlap in the WAL. Changes of the first transaction after
// a connector's load know of no commit before it. Rows of loads are never older than what came before them.
Delivery delivery_of(const Place& applied, const envelope::Place& record);
// The record is applied.
void note(Place& applied, const envelope::Place& record);

}  // namespace penstock::backbone
