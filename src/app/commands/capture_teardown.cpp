// penstock teardown of a capture.
#include <fmt/format.h>

#include <cstdio>

#include "app/commands/capture_commands.h"
#include "app/commands/sql_plan.h"
#include "app/connector/capture_factory.h"
#include "app/connector/capture_tables.h"
#include "app/connector/capture_target.h"
#include "backbone/table_topics.h"
#include "backbone/topic_view.h"
#include "source/postgres/catalog.h"
#include "source/postgres/conninfo.h"

namespace penstock::app {
namespace {

Status refuse(const CaptureSettings& capture, const postgres::SlotDescription& slot) {
  return fail(ErrorKind::kSlotBusy,
              fmt::format("slot \"{}\" is read by PostgreSQL process {}: the capture is running",
                          capture.source.slot, slot.active_pid),
              fmt::format("stop penstock, or: SELECT pg_terminate_backend({});", slot.active_pid));
}

Status drop(const CaptureSettings& capture, const postgres::SlotDescription& slot, bool publication,
            SqlPlan& plan) {
  if (slot.exists)
    PENSTOCK_TRY(
        plan.run(fmt::format("SELECT pg_drop_replication_slot({})", sql_literal(capture.source.slot))));
  if (publication)
    PENSTOCK_TRY(plan.run(fmt::format("DROP PUBLICATION {}", quote_identifier(capture.source.publication))));
  backbone::ProducerOptions options = producer_options(capture);
  options.timeout = kPatience;
  PENSTOCK_TRY(backbone::delete_topic(options, state_topic(capture)));
  std::printf("-- deleted topic %s with the position\n", state_topic(capture).c_str());
  return {};
}

}  // namespace

Status capture_teardown_command(const CaptureTarget& target, const TeardownOptions& options) {
  PENSTOCK_ASSIGN(const CaptureSettings capture, read_capture(target));
  PENSTOCK_ASSIGN(const auto database, postgres::read_conninfo(capture.source.postgres));
  std::string url = capture.source.postgres;
  if (!options.admin.empty()) {
    PENSTOCK_ASSIGN(url, postgres::with_database(options.admin, database.database));
  }
  PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(url));
  PENSTOCK_ASSIGN(const auto slot, postgres::describe_slot(connection, capture.source.slot));
  PENSTOCK_ASSIGN(const auto publication,
                  postgres::describe_publication(connection, capture.source.publication));
  PENSTOCK_ASSIGN(const auto tables, captured_tables(connection, capture));
  if (!options.yes)
    return fail(
        ErrorKind::kUsage,
        fmt::format("nothing was dropped. This would drop slot \"{}\", publication \"{}\" and topic {}; the "
                    "topics of the tables would stay",
                    capture.source.slot, capture.source.publication, state_topic(capture)),
        "add --yes");
  if (slot.active) return refuse(capture, slot);
  SqlPlan plan;
  plan.use(&connection, database.database);
  PENSTOCK_TRY(drop(capture, slot, publication.exists, plan));
  for (const TableName& table : tables)
    std::printf("-- topic %s stays\n", backbone::topic_name(capture.topics, table).c_str());
  if (plan.refused() == 0) return {};
  plan.print_refused();
  return fail(ErrorKind::kPostgresRefused, fmt::format("{} statements need an administrator", plan.refused()),
              "run the SQL above, or add --admin URL");
}

}  // namespace penstock::app
