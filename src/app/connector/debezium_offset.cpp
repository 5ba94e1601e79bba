#include "app/connector/debezium_offset.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <vector>

#include "envelope/value_writer.h"

namespace penstock::app {
namespace {

using Object = simdjson::dom::element;

std::optional<std::uint64_t> number_at(const Object& object, const char* name) {
  std::int64_t number = 0;
  if (object[name].get(number) != simdjson::SUCCESS) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

std::optional<Lsn> lsn_at(const Object& object, const char* name) {
  const auto number = number_at(object, name);
  return number ? std::optional<Lsn>(Lsn{*number}) : std::nullopt;
}

bool truth_at(const Object& object, const char* name) {
  bool truth = false;
  return object[name].get(truth) == simdjson::SUCCESS && truth;
}

bool says(const Object& object, const char* name) {
  Object value;
  return object[name].get(value) == simdjson::SUCCESS && !value.is_null();
}

// A key of the offsets: ["connector",{"server":"prefix"}].
struct OffsetKey {
  std::string connector;
  std::string server;
};

std::optional<OffsetKey> parse_key(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::array parts;
  if (parser.parse(text).get(parts) != simdjson::SUCCESS || parts.size() != 2) return std::nullopt;
  std::string_view connector;
  std::string_view server;
  if (parts.at(0).get(connector) != simdjson::SUCCESS ||
      parts.at(1)["server"].get(server) != simdjson::SUCCESS)
    return std::nullopt;
  return OffsetKey{std::string(connector), std::string(server)};
}

}  // namespace

Position DebeziumOffset::position() const {
  // Before the first commit: nothing that commits before the newest change is left but its own transaction.
  return {{}, 0, lsn_commit.value_or(lsn_proc.value_or(lsn.value_or(Lsn{})))};
}

WrittenBefore DebeziumOffset::written() const {
  WrittenBefore written;
  const bool change = message_type.empty() ? lsn && lsn_proc == lsn && lsn_commit != lsn
                                           : message_type != "BEGIN" && message_type != "COMMIT";
  if (!change || !lsn) return written;
  written.transaction = transaction;
  written.lsn = *lsn;
  written.message = message_type == "MESSAGE";
  if (message_type == "INSERT") written.rows = events_at_lsn;
  return written;
}

backbone::TransactionMonitor::Open DebeziumOffset::open() const {
  if (events.empty()) return {};
  return {transaction, lsn.value_or(Lsn{}), events};
}

Result<DebeziumOffset> parse_debezium_offset(const std::string& json) {
  constexpr std::string_view kOrder = "transaction_data_collection_order_";
  simdjson::dom::parser parser;
  Object object;
  simdjson::dom::object fields;
  if (parser.parse(json).get(object) != simdjson::SUCCESS || object.get(fields) != simdjson::SUCCESS ||
      !lsn_at(object, "lsn"))
    return fail(ErrorKind::kConfiguration, "no offset of Debezium's connector for PostgreSQL: " + json);
  DebeziumOffset offset;
  offset.lsn = lsn_at(object, "lsn");
  offset.lsn_proc = lsn_at(object, "lsn_proc");
  offset.lsn_commit = lsn_at(object, "lsn_commit");
  offset.transaction = static_cast<std::uint32_t>(number_at(object, "txId").value_or(0));
  std::string_view type;
  if (object["messageType"].get(type) == simdjson::SUCCESS) offset.message_type = type;
  // Debezium before 3.0 says "snapshot": true, later "INITIAL", …; it leaves it out once it streams.
  offset.in_snapshot = says(object, "snapshot") && !truth_at(object, "last_snapshot_record") &&
                       !truth_at(object, "snapshot_completed");
  offset.events_at_lsn = number_at(object, "lsn_events_processed");
  for (const auto field : fields) {
    std::int64_t count = 0;
    if (field.key.starts_with(kOrder) && field.value.get(count) == simdjson::SUCCESS)
      offset.events[std::string(field.key.substr(kOrder.size()))] = static_cast<std::uint64_t>(count);
  }
  return offset;
}

Result<DebeziumOffset> find_debezium_offset(const ConnectOffsets& offsets, const std::string& connector,
                                            const std::string& prefix, bool any_name) {
  std::vector<const std::string*> found;
  std::string there;
  for (const auto& [key, value] : offsets) {
    const auto parsed = parse_key(key);
    if (!parsed) continue;
    there += fmt::format("{}\"{}\" with topic.prefix \"{}\"", there.empty() ? "" : ", ", parsed->connector,
                         parsed->server);
    if (parsed->server == prefix && (any_name || parsed->connector == connector)) found.push_back(&value);
  }
  if (found.size() == 1) return parse_debezium_offset(*found.front());
  return fail(
      ErrorKind::kConfiguration,
      fmt::format("{} offset of connector \"{}\" with topic.prefix \"{}\" among the offsets; there are: {}",
                  found.empty() ? "no" : "more than one", connector, prefix, there.empty() ? "none" : there),
      "the connector file must have the name and topic.prefix of the connector that is taken over");
}

std::string debezium_offsets_json(const std::string& prefix, const Position& position,
                                  std::int64_t last_commit_micros) {
  // A change may begin where a transaction ends, and Debezium would take that one for written. Nothing begins
  // one byte before: WAL records are aligned.
  const std::uint64_t lsn = position.through_lsn.value - 1;
  std::string server;
  envelope::append_json_string(server, prefix);
  return fmt::format(
      R"({{"offsets":[{{"partition":{{"server":{}}},"offset":{{"lsn":{},"lsn_proc":{},"lsn_commit":{},)"
      R"("messageType":"COMMIT","ts_usec":{}}}}}]}})",
      server, lsn, lsn, lsn, last_commit_micros);
}

}  // namespace penstock::app
