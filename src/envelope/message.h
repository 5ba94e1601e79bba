// Events of pg_logical_emit_message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "envelope/envelope.h"

namespace penstock::envelope {

struct Message {
  std::string_view prefix;
  std::string_view content;  // bytes
  Origin origin;
  std::optional<TransactionBlock> transaction;
  std::int64_t now_nanos = 0;
};

std::string message_key(const Options& options, std::string_view prefix);
std::string message_value(const Options& options, const Message& message);

}  // namespace penstock::envelope
