#include "source/postgres/continuity.h"

#include <chrono>
#include <thread>

#include "base/log.h"

namespace penstock::postgres {
namespace {

constexpr const char* kResync =
    "`penstock resync PIPELINE` makes a new start: it loads the tables again while the documents stay "
    "readable";

Status check_slot(const SlotDescription& slot, const std::string& name, const std::string& database) {
  if (!slot.exists)
    return fail(ErrorKind::kGap,
                "replication slot " + name + " is gone: changes since the stored position are lost", kResync);
  if (slot.plugin != "pgoutput" || slot.database != database)
    return fail(
        ErrorKind::kConfiguration,
        "replication slot " + name + " belongs to plugin " + slot.plugin + " in database " + slot.database,
        "name another slot under source.slot");
  if (slot.wal_status == "lost" || !slot.invalidation_reason.empty())
    return fail(
        ErrorKind::kGap,
        "replication slot " + name + " was invalidated" +
            (slot.invalidation_reason.empty() ? std::string() : " (" + slot.invalidation_reason + ")"),
        "SELECT pg_drop_replication_slot('" + name + "'); then " + kResync);
  return {};
}

}  // namespace

Status check_server(const ServerDescription& server) {
  if (server.in_recovery)
    return fail(ErrorKind::kConfiguration, "this PostgreSQL is a standby: markers cannot be written there",
                "let source.postgres name the primary");
  if (server.wal_level != "logical")
    return fail(ErrorKind::kConfiguration,
                "wal_level is " + server.wal_level + ", logical replication needs logical",
                "ALTER SYSTEM SET wal_level = logical; then restart PostgreSQL");
  return {};
}

Status check_continuity(const Checkpoint& checkpoint, const ServerDescription& server,
                        const SlotDescription& slot, const std::string& slot_name) {
  const Position& position = checkpoint.position;
  if (checkpoint.source.system_identifier != server.system_identifier)
    return fail(ErrorKind::kDivergence,
                "this is another PostgreSQL cluster: its system identifier is " +
                    std::to_string(server.system_identifier) + ", the documents came from " +
                    std::to_string(checkpoint.source.system_identifier),
                std::string("point source.postgres at the old cluster, or ") + kResync);
  if (position.through_lsn > server.wal_end)
    return fail(ErrorKind::kDivergence,
                "the stored position " + to_string(position.through_lsn) +
                    " lies beyond the server's WAL, which ends at " + to_string(server.wal_end) +
                    ": it was restored from a backup or failed over with loss",
                kResync);
  PENSTOCK_TRY(check_slot(slot, slot_name, server.database));
  if (slot.confirmed_flush_lsn > position.through_lsn)
    return fail(ErrorKind::kGap,
                "slot " + slot_name + " has moved on to " + to_string(slot.confirmed_flush_lsn) +
                    ", the read model stands at " + to_string(position.through_lsn) +
                    ": somebody else read the slot, or it was made anew",
                kResync);
  if (checkpoint.source.timeline != server.timeline && !slot.synced)
    return fail(ErrorKind::kDivergence,
                "the server is on timeline " + std::to_string(server.timeline) + ", the position on " +
                    std::to_string(checkpoint.source.timeline) + ", and slot " + slot_name +
                    " is not a failover slot that was synced from the old primary",
                kResync);
  return {};
}

Status check_unowned(const SlotDescription& slot, const std::string& name, const std::string& take_over) {
  if (slot.active)
    return fail(ErrorKind::kSlotBusy,
                "replication slot " + name + " is read by PostgreSQL process " +
                    std::to_string(slot.active_pid) + ", and there is no position of ours in it",
                "to go on where a Debezium connector stands: stop it (PUT /connectors/NAME/stop), then " +
                    take_over + "; otherwise name another slot");
  if (!slot.used) return {};
  return fail(ErrorKind::kGap,
              "replication slot " + name +
                  " was read by somebody before, and there is no position of ours in it: what was written of "
                  "its changes is not known",
              "to go on where a Debezium connector stopped: " + take_over +
                  "; to load every table anew: SELECT pg_drop_replication_slot('" + name + "');");
}

Status ensure_publication(Connection& connection, const SlotRequest& request) {
  PENSTOCK_ASSIGN(const auto publication, describe_publication(connection, request.publication));
  if (publication.exists) return {};
  std::string tables;
  for (const auto& table : request.tables) tables += (tables.empty() ? "" : ", ") + quoted(table);
  const std::string sql =
      "CREATE PUBLICATION " + quote_identifier(request.publication) + " FOR TABLE " + tables;
  if (!request.create_publication)
    return fail(ErrorKind::kConfiguration, "publication " + request.publication + " does not exist",
                "as the tables' owner: " + sql + ";");
  if (const auto made = connection.execute(sql); !made) {
    if (made.error().kind == ErrorKind::kPostgresUnavailable) return made;
    return fail(ErrorKind::kPostgresRefused,
                "publication " + request.publication +
                    " does not exist and this role may not make it: " + made.error().message,
                "as the tables' owner: " + sql + ";  or: penstock setup PIPELINE --admin URL");
  }
  log::info("made publication {}", request.publication);
  return {};
}

Result<SlotDescription> ensure_slot(Connection& connection, const std::string& name) {
  PENSTOCK_ASSIGN(SlotDescription slot, describe_slot(connection, name));
  if (!slot.exists) {
    PENSTOCK_TRY(connection.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", {name}));
    log::info("made replication slot {}", name);
    return describe_slot(connection, name);
  }
  for (int tries = 0; slot.active && tries < 100; ++tries) {
    if (tries % 20 == 0) {
      log::warn("slot {} is still read by PostgreSQL process {}; ending it", name, slot.active_pid);
      PENSTOCK_TRY(
          connection.query("SELECT pg_terminate_backend($1::int4)", {std::to_string(slot.active_pid)}));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    PENSTOCK_ASSIGN(slot, describe_slot(connection, name));
  }
  if (slot.active)
    return fail(
        ErrorKind::kSlotBusy,
        "replication slot " + name + " is read by PostgreSQL process " + std::to_string(slot.active_pid),
        "stop that reader: SELECT pg_terminate_backend(" + std::to_string(slot.active_pid) + ");");
  return slot;
}

}  // namespace penstock::postgres
