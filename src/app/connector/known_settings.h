// Every setting that Debezium 3.5's connector for PostgreSQL knows, and what becomes of it here (Debezium
// documentation 3.5: "Debezium connector for PostgreSQL", Connector properties; Kafka Connect's own: "Kafka
// Connect configs" of Kafka's documentation).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::app {

enum class Treatment : std::uint8_t {
  kHonoured,
  kTuning,   // changes nothing in the events, and there is nothing to tune here
  kSaid,     // has no effect here, which is said at start
  kRefused,  // would change the events: only `harmless` is taken
};

struct KnownSetting {
  std::string_view name;  // one that ends in "." stands for all that begin with it
  Treatment treatment = Treatment::kHonoured;
  std::string_view harmless = "";  // kRefused: values that mean nothing, separated by "|"
  std::string_view reason = "";    // kSaid, kRefused: what holds instead, or what to do
};

const std::vector<KnownSetting>& known_settings();
// Null for a setting that Debezium does not know either.
const KnownSetting* find_known_setting(std::string_view name);
std::string known_settings_markdown();

}  // namespace penstock::app
