// Transformations of records, as Kafka Connect runs them between a connector and its topics.
#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <variant>
#include <vector>

#include "envelope/unwrapped.h"

namespace penstock::backbone {

// io.debezium.transforms.outbox.EventRouter: rows of an outbox table become messages of their own (Debezium
// documentation 3.5: "Outbox Event Router").
struct RouterOptions {
  enum class Placement : std::uint8_t { kHeader, kEnvelope, kPartition };
  struct Added {
    std::string column;
    Placement placement = Placement::kHeader;
    std::string name;
  };
  enum class OnUpdate : std::uint8_t { kWarn, kError, kFatal };

  std::string id = "id";  // columns
  std::string key = "aggregateid";
  std::string payload = "payload";
  std::string timestamp;  // empty: when the event is written
  std::string route_by = "aggregatetype";
  std::string topic_pattern = "(?<routedByValue>.*)";
  std::string topic_replacement = "outbox.event.${routedByValue}";
  std::vector<Added> added;      // table.fields.additional.placement
  bool missing_is_error = true;  // of them
  bool tombstones = false;       // an empty payload is a tombstone
  bool expands = false;          // the payload's text as JSON
  bool nulls_are_bytes = false;  // of expanded JSON: null fields stay
  OnUpdate on_update = OnUpdate::kWarn;
};

struct Transform {
  std::string name;                  // in the connector file
  std::optional<std::regex> topics;  // of a predicate; none: all
  bool negated = false;
  std::variant<envelope::UnwrapOptions, RouterOptions> what;

  bool applies(const std::string& topic) const {
    return !topics || std::regex_match(topic, *topics) != negated;
  }
};

}  // namespace penstock::backbone
