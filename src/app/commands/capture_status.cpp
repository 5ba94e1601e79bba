// penstock status of a capture.
#include <chrono>
#include <cstdio>
#include <set>

#include "app/commands/capture_commands.h"
#include "app/commands/load_state.h"
#include "app/commands/status_view.h"
#include "app/connector/capture_factory.h"
#include "app/connector/capture_tables.h"
#include "app/connector/capture_target.h"
#include "backbone/state_topic.h"
#include "backbone/table_topics.h"
#include "backbone/topic_view.h"
#include "base/log.h"

namespace penstock::app {
namespace {

std::string phase_of(const Checkpoint& checkpoint, const std::vector<StatusView::Table>& tables) {
  if (!checkpoint.exists) return "never ran";
  if (checkpoint.restart) return "resync requested";
  for (const auto& table : tables)
    if (table.state != "loaded" && table.problem.empty()) return "loading";
  return "streaming";
}

void put_table(const std::string& name, const TableCheckpoint* stored, StatusView& view) {
  StatusView::Table shown{name, "pending", 0, 0, ""};
  if (stored != nullptr) {
    shown.state = name_of(stored->state);
    shown.estimated_rows = stored->estimated_rows;
    for (const DoneChunk& chunk : stored->done) shown.rows += chunk.rows;
    shown.problem = stored->problem;
  }
  view.tables.push_back(std::move(shown));
}

// Those that are captured now, and those that once were.
void put_tables(const std::vector<TableName>& captured, bool catalog_known, const Checkpoint& checkpoint,
                StatusView& view) {
  std::set<std::string> names;
  for (const TableName& table : captured) {
    const std::string name = to_string(table);
    const auto stored = checkpoint.tables.find(name);
    put_table(name, stored == checkpoint.tables.end() ? nullptr : &stored->second, view);
    names.insert(name);
  }
  for (const auto& [name, table] : checkpoint.tables) {
    if (names.contains(name)) continue;
    put_table(name, &table, view);
    if (catalog_known && view.tables.back().problem.empty())
      view.tables.back().problem =
          "is not captured any more: the publication does not carry it under this name";
  }
}

struct SourceSide {
  std::vector<TableName> tables;
  Status outcome;
};

SourceSide read_source(const CaptureSettings& capture, StatusView& view) {
  SourceSide side;
  const auto read = [&]() -> Status {
    PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(capture.source.postgres));
    PENSTOCK_ASSIGN(const auto server, postgres::describe_server(connection));
    PENSTOCK_ASSIGN(view.slot, postgres::describe_slot(connection, capture.source.slot));
    PENSTOCK_ASSIGN(side.tables, captured_tables(connection, capture));
    view.wal_end = server.wal_end;
    return {};
  };
  side.outcome = read();
  if (!side.outcome) view.source_error = redact(side.outcome.error().message);
  return side;
}

Status read_topics(const CaptureSettings& capture, const SourceSide& source, StatusView& view) {
  backbone::ProducerOptions options = producer_options(capture);
  options.timeout = kPatience;
  PENSTOCK_ASSIGN(const backbone::CaptureState state, backbone::read_state(options, state_topic(capture)));
  const Checkpoint& checkpoint = state.checkpoint;
  put_tables(source.tables, source.outcome.has_value(), checkpoint, view);
  view.phase = phase_of(checkpoint, view.tables);
  view.position = checkpoint.position;
  view.progress = {state.times.updated_millis, state.times.last_commit_micros};
  if (!state.writer.run.empty()) {
    mongo::LeaseView lease;
    lease.host = state.writer.host;
    lease.pid = state.writer.pid;
    lease.since_millis = state.writer.since_millis;
    lease.released = state.writer.ended;
    lease.dead = !lease.released && source.outcome && !view.slot.active;
    view.lease = lease;
  }
  if (state.trouble.exists())
    view.trouble = {redact(state.trouble.message), state.trouble.remedy, state.trouble.since_millis};
  std::vector<std::string> names{state_topic(capture)};
  for (const TableName& table : source.tables) names.push_back(backbone::topic_name(capture.topics, table));
  PENSTOCK_ASSIGN(const auto topics, backbone::describe_topics(options, names));
  for (const auto& topic : topics)
    view.written.push_back({topic.name, topic.exists, topic.partitions, topic.records});
  return {};
}

}  // namespace

Status capture_status_command(const CaptureTarget& target, const StatusOptions& options) {
  PENSTOCK_ASSIGN(const CaptureSettings capture, read_capture(target));
  StatusView view;
  view.is_capture = true;
  view.pipeline = capture.name;
  view.slot_name = capture.source.slot;
  // The WAL's end first: what the position includes by then is lag of 0, not below it.
  const SourceSide source = read_source(capture, view);
  const Status kafka = read_topics(capture, source, view);
  if (!kafka) {
    view.phase = "unknown";
    view.kafka_error = redact(kafka.error().message);
  }
  view.now_micros = std::chrono::duration_cast<std::chrono::microseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count();
  std::fputs((options.json ? status_json(view) + "\n" : status_text(view)).c_str(), stdout);
  std::fflush(stdout);
  return kafka ? source.outcome : kafka;
}

}  // namespace penstock::app
