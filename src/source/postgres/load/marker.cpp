#include "source/postgres/load/marker.h"

#include <charconv>

#include "source/postgres/load/loader.h"

namespace penstock::postgres {

std::string encode(const Marker& marker) {
  return std::string(marker.kind == MarkerKind::kLow ? "low " : "high ") + std::to_string(marker.attempt) +
         " " + marker.run;
}

std::optional<Marker> parse_marker(std::string_view content) {
  Marker marker;
  const std::size_t kind_end = content.find(' ');
  if (kind_end == std::string_view::npos) return std::nullopt;
  const std::string_view kind = content.substr(0, kind_end);
  if (kind != "low" && kind != "high") return std::nullopt;
  marker.kind = kind == "low" ? MarkerKind::kLow : MarkerKind::kHigh;
  content.remove_prefix(kind_end + 1);
  const auto [end, error] = std::from_chars(content.data(), content.data() + content.size(), marker.attempt);
  if (error != std::errc() || end == content.data() + content.size() || *end != ' ') return std::nullopt;
  marker.run = std::string(end + 1, content.data() + content.size());
  return marker;
}

std::string marker_sql(const std::string& quoted_content) {
  return std::string(
             "BEGIN; SET LOCAL synchronous_commit = local; "
             "SELECT pg_catalog.pg_logical_emit_message(true, '") +
         kMarkerPrefix + "', " + quoted_content + "); COMMIT";
}

}  // namespace penstock::postgres
