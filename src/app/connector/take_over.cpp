#include "app/connector/take_over.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <functional>
#include <set>

#include "app/connector/capture_factory.h"
#include "app/connector/debezium_offset.h"
#include "app/connector/offset_file.h"
#include "backbone/state_topic.h"
#include "backbone/table_topics.h"
#include "backbone/topic_reader.h"
#include "base/log.h"
#include "source/postgres/catalog.h"

namespace penstock::app {
namespace {

// More than one WAL record of COPY can hold: a page of at most 32 KiB of rows.
constexpr std::int64_t kRowsOfOneRecord = 2000;

Result<ConnectOffsets> read_offsets(const CaptureSettings& capture, const std::string& where) {
  constexpr std::string_view kTopic = "topic:";
  if (!where.starts_with(kTopic)) return load_offset_file(where);
  const std::string topic = where.substr(kTopic.size());
  PENSTOCK_ASSIGN(const auto reader, backbone::TopicReader::open(producer_options(capture), {topic}));
  if (!reader)
    return fail(ErrorKind::kConfiguration, "there is no topic " + topic,
                "name the distributed worker's offset.storage.topic");
  ConnectOffsets offsets;
  PENSTOCK_TRY(
      reader->read_to_end([&](std::string_view key, std::optional<std::string_view> value) -> Status {
        if (value) {
          offsets[std::string(key)] = *value;
        } else {
          offsets.erase(std::string(key));
        }
        return {};
      }));
  return offsets;
}

// Where the record is that of an insert: what source.lsn and source.txId say. Nothing: none of Debezium's
// whole events.
struct EventOrigin {
  std::uint64_t lsn = 0;
  std::uint64_t transaction = 0;
  bool insert = false;
};

std::optional<EventOrigin> origin_of(std::string_view value) {
  simdjson::dom::parser parser;
  simdjson::dom::element event;
  simdjson::dom::element payload;
  if (parser.parse(value.data(), value.size()).get(event) != simdjson::SUCCESS) return std::nullopt;
  if (event["payload"].get(payload) == simdjson::SUCCESS) event = payload;
  EventOrigin origin;
  std::string_view operation;
  if (event["op"].get(operation) != simdjson::SUCCESS) return std::nullopt;
  origin.insert = operation == "c";
  if (event["source"]["lsn"].get(origin.lsn) != simdjson::SUCCESS ||
      event["source"]["txId"].get(origin.transaction) != simdjson::SUCCESS)
    return EventOrigin{};  // of an incremental load
  return origin;
}

// Rows of one COPY share an LSN, and before 3.6 the offset does not say how many of them are written: the
// topics do. A connector that was killed in the midst of them and started again has written some twice.
Status count_rows(const CaptureSettings& capture, WrittenBefore& written) {
  std::vector<std::string> topics;
  for (const auto& table : capture.tables) topics.push_back(backbone::topic_name(capture.topics, table.name));
  PENSTOCK_ASSIGN(const auto reader,
                  backbone::TopicReader::open(producer_options(capture), topics, kRowsOfOneRecord));
  if (!reader) return {};
  std::uint64_t without_key = 0;
  std::set<std::string, std::less<>> keys;
  bool readable = false;
  PENSTOCK_TRY(
      reader->read_to_end([&](std::string_view key, std::optional<std::string_view> value) -> Status {
        const auto origin = value ? origin_of(*value) : std::nullopt;
        readable = readable || origin;
        const bool counts = origin && origin->insert && origin->lsn == written.lsn.value &&
                            origin->transaction == written.transaction;
        if (counts && key.empty()) ++without_key;
        if (counts && !key.empty()) keys.emplace(key);
        return {};
      }));
  if (readable) written.rows = without_key + keys.size();
  return {};
}

Status check_slot(const CaptureSettings& capture, const postgres::SlotDescription& slot, Lsn stored) {
  const std::string& name = capture.source.slot;
  const std::string anew = "to load every table anew instead: SELECT pg_drop_replication_slot('" + name +
                           "'); and penstock capture without --take-over";
  if (!slot.exists)
    return fail(ErrorKind::kGap,
                "replication slot " + name + " does not exist: what was committed since the offset is lost",
                "was slot.drop.on.stop set? penstock capture without --take-over loads every table anew");
  if (slot.active)
    return fail(
        ErrorKind::kSlotBusy,
        fmt::format("replication slot {} is still read by PostgreSQL process {}: the connector is running",
                    name, slot.active_pid),
        "stop it: PUT /connectors/NAME/stop (or DELETE /connectors/NAME, or end the worker), then run "
        "this again");
  if (slot.plugin != "pgoutput")
    return fail(ErrorKind::kConfiguration, "replication slot " + name + " belongs to plugin " + slot.plugin,
                "only a slot of pgoutput can be taken over");
  if (slot.wal_status == "lost" || !slot.invalidation_reason.empty())
    return fail(ErrorKind::kGap, "replication slot " + name + " was invalidated: changes are lost", anew);
  if (slot.confirmed_flush_lsn > stored)
    return fail(
        ErrorKind::kGap,
        fmt::format("replication slot {} has moved on to {}, the connector's offset stands at {}: changes "
                    "between them may be lost",
                    name, to_string(slot.confirmed_flush_lsn), to_string(stored)),
        "are these the newest offsets of this connector? " + anew);
  return {};
}

// The offset of a connector that stopped before our own last run says nothing.
bool goes_on(const Checkpoint& own, const backbone::TakeOver& other) {
  if (!own.exists || other.position.through_lsn > own.position.through_lsn) return false;
  return other.written.transaction == 0 ||
         (other.written.transaction == own.written.transaction && other.written.lsn == own.written.lsn);
}

}  // namespace

Result<std::optional<backbone::TakeOver>> read_take_over(const CaptureSettings& capture,
                                                         const std::string& offsets,
                                                         postgres::Connection& connection) {
  PENSTOCK_ASSIGN(const ConnectOffsets all, read_offsets(capture, offsets));
  const std::string& prefix = capture.topics.values.server;
  PENSTOCK_ASSIGN(const DebeziumOffset offset,
                  find_debezium_offset(all, capture.name, prefix, capture.name == prefix));
  if (offset.in_snapshot)
    return fail(ErrorKind::kConfiguration,
                "the connector stopped within its first load: what it wrote is not complete",
                "let it finish and stream (or take the slot away and let penstock capture load everything)");
  backbone::TakeOver made;
  made.position = offset.position();
  made.written = offset.written();
  made.open = offset.open();
  PENSTOCK_ASSIGN(const backbone::CaptureState own,
                  backbone::read_state(producer_options(capture), state_topic(capture)));
  if (goes_on(own.checkpoint, made)) {
    log::info("the position of this capture, {}, is not older than the offset: it goes on there",
              to_string(own.checkpoint.position));
    return std::optional<backbone::TakeOver>();
  }
  PENSTOCK_ASSIGN(const auto slot, postgres::describe_slot(connection, capture.source.slot));
  PENSTOCK_TRY(check_slot(capture, slot, made.position.through_lsn));
  if (offset.message_type == "INSERT" && !made.written.rows) PENSTOCK_TRY(count_rows(capture, made.written));
  for (const auto& table : capture.tables) made.written.tables.insert(to_string(table.name));
  PENSTOCK_ASSIGN(const auto server, postgres::describe_server(connection));
  PENSTOCK_ASSIGN(const auto publication,
                  postgres::describe_publication(connection, capture.source.publication));
  made.source = {server.system_identifier, server.timeline, capture.source.slot, publication.fingerprint};
  log::info("taking over: transactions up to {} are written{}", to_string(made.position.through_lsn),
            made.written.transaction == 0
                ? std::string()
                : fmt::format(", and of transaction {} the changes up to {}", made.written.transaction,
                              to_string(made.written.lsn)));
  return std::optional<backbone::TakeOver>(std::move(made));
}

Result<std::string> hand_back(const CaptureSettings& capture) {
  PENSTOCK_ASSIGN(const backbone::CaptureState state,
                  backbone::read_state(producer_options(capture), state_topic(capture)));
  const Position& position = state.checkpoint.position;
  if (!state.checkpoint.exists)
    return fail(ErrorKind::kCheckFailed,
                "this capture never ran: topic " + state_topic(capture) + " holds no position",
                "has the connector file the name that it ran with?");
  for (const auto& [name, table] : state.checkpoint.tables)
    if (table.state != LoadState::kLoaded)
      return fail(
          ErrorKind::kCheckFailed, "table " + name + " is not loaded: Debezium would not load it",
          "let the capture finish its loads, or let Debezium load everything: another slot, no offset");
  if (position.inside_transaction())
    return fail(ErrorKind::kCheckFailed,
                "the capture stopped inside a transaction, at " + to_string(position),
                "let it go on to the transaction's end: penstock capture … --until-current");
  return debezium_offsets_json(capture.topics.values.server, position, state.times.last_commit_micros);
}

}  // namespace penstock::app
