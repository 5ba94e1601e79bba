// What a capture takes over from a Debezium connector, and what it hands back.
#pragma once

#include <optional>
#include <string>

#include "app/connector/capture_settings.h"
#include "backbone/capture_sink.h"
#include "base/result.h"
#include "source/postgres/connection.h"

namespace penstock::app {

// `offsets`: a standalone worker's file, or topic:NAME. `capture` has its tables. kSlotBusy while the
// connector runs, kGap when its slot is beyond its offset, kConfiguration for an offset that is not there or
// stands in an unfinished first load. Nothing: the capture's own position is not older than the offset.
Result<std::optional<backbone::TakeOver>> read_take_over(const CaptureSettings& capture,
                                                         const std::string& offsets,
                                                         postgres::Connection& connection);

// The offset with which Debezium goes on where this capture stopped, as JSON for Kafka Connect.
Result<std::string> hand_back(const CaptureSettings& capture);

}  // namespace penstock::app
