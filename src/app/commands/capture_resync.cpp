// penstock resync of a capture.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/commands/capture_commands.h"
#include "app/connector/capture_factory.h"
#include "app/connector/capture_tables.h"
#include "app/connector/capture_target.h"
#include "app/nearest.h"
#include "backbone/random_uuid.h"
#include "backbone/state_topic.h"
#include "source/postgres/catalog.h"

namespace penstock::app {
namespace {

Status write(const CaptureSettings& capture, const std::vector<backbone::Record>& records) {
  backbone::ProducerOptions options = producer_options(capture);
  options.timeout = kPatience;
  PENSTOCK_ASSIGN(const auto producer, backbone::Producer::open(options));
  PENSTOCK_TRY(producer->begin());
  for (const auto& record : records) PENSTOCK_TRY(producer->send(record));
  return producer->flush();
}

Status check_names(const std::vector<std::string>& names, const std::vector<std::string>& known) {
  for (const std::string& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return fail(ErrorKind::kUsage,
                  fmt::format("table \"{}\" is not captured{}", name, did_you_mean(name, known)),
                  fmt::format("tables: {}", fmt::join(known, ", ")));
  return {};
}

}  // namespace

Status capture_resync_command(const CaptureTarget& target, const ResyncOptions& options) {
  PENSTOCK_ASSIGN(const CaptureSettings capture, read_capture(target));
  PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(capture.source.postgres));
  PENSTOCK_ASSIGN(const auto captured, captured_tables(connection, capture));
  PENSTOCK_ASSIGN(const auto slot, postgres::describe_slot(connection, capture.source.slot));
  std::vector<std::string> tables;
  for (const TableName& table : captured) tables.push_back(to_string(table));
  PENSTOCK_TRY(check_names(options.tables, tables));
  backbone::ProducerOptions reading = producer_options(capture);
  reading.timeout = kPatience;
  const std::string topic = state_topic(capture);
  PENSTOCK_ASSIGN(const backbone::CaptureState state, backbone::read_state(reading, topic));
  if (!state.checkpoint.exists)
    return fail(ErrorKind::kCheckFailed, "this capture never ran: its first start loads every table");
  if (options.tables.empty() && !slot.active) {
    // Also the way out of a gap or another cluster: the next start takes a new position.
    PENSTOCK_TRY(write(capture, {backbone::restart_record(topic, true)}));
    std::puts("The next start of the capture takes a new position and loads every table again.");
    return {};
  }
  if (!options.tables.empty()) tables = options.tables;
  std::vector<backbone::Record> records;
  for (const std::string& table : tables)
    records.push_back(backbone::resync_record(topic, table, backbone::random_uuid()));
  PENSTOCK_TRY(write(capture, records));
  std::printf("%s %s again: %s\n",
              slot.active ? "The running capture now loads" : "The next start of the capture loads",
              tables.size() == 1 ? "this table" : "these tables",
              fmt::format("{}", fmt::join(tables, ", ")).c_str());
  return {};
}

}  // namespace penstock::app
