// The markers that bracket a chunk in the WAL: contents of pg_logical_emit_message with prefix kMarkerPrefix.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::postgres {

enum class MarkerKind : std::uint8_t { kLow, kHigh };

struct Marker {
  std::string run;            // of the process that wrote it; others' markers are ignored
  std::uint64_t attempt = 0;  // to read a chunk; a chunk that is read again has a new one
  MarkerKind kind = MarkerKind::kLow;
};

// "low 17 RUN". The run comes last and may hold any character.
std::string encode(const Marker& marker);
// Nothing for content that is no marker of this form.
std::optional<Marker> parse_marker(std::string_view content);

// The statements that write the marker in a transaction of its own. It waits for no standby: the marker need
// not be durable anywhere else, it must only be in the WAL. `quoted_content` is an SQL
// literal.
std::string marker_sql(const std::string& quoted_content);

}  // namespace penstock::postgres
