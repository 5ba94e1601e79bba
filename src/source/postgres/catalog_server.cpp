#include "source/postgres/catalog.h"
#include "source/postgres/relation_lookup.h"

namespace penstock::postgres {

Result<SlotDescription> describe_slot(Connection& connection, const std::string& slot) {
  // to_jsonb reads columns that only some versions have (PostgreSQL manual: pg_replication_slots).
  PENSTOCK_ASSIGN(
      const Rows rows,
      connection.query("SELECT active, active_pid, plugin, database, wal_status, restart_lsn::text, "
                       "confirmed_flush_lsn::text, to_jsonb(s) ->> 'invalidation_reason', "
                       "coalesce(to_jsonb(s) ->> 'synced', 'false') = 'true', "
                       "CASE WHEN pg_is_in_recovery() THEN 0 ELSE coalesce(pg_wal_lsn_diff("
                       "pg_current_wal_lsn(), restart_lsn), 0)::bigint END, "
                       "coalesce((SELECT total_txns > 0 FROM pg_stat_replication_slots r "
                       "WHERE r.slot_name = s.slot_name), false) "
                       "FROM pg_replication_slots s WHERE slot_name = $1",
                       {slot}));
  SlotDescription result;
  if (rows.size() == 0) return result;
  result.exists = true;
  result.active = rows.truth(0, 0);
  result.active_pid = static_cast<int>(rows.number(0, 1));
  result.plugin = rows.string(0, 2);
  result.database = rows.string(0, 3);
  result.wal_status = rows.string(0, 4);
  if (!rows.is_null(0, 5)) {
    PENSTOCK_ASSIGN(result.restart_lsn, parse_lsn(rows.text(0, 5)));
  }
  if (!rows.is_null(0, 6)) {
    PENSTOCK_ASSIGN(result.confirmed_flush_lsn, parse_lsn(rows.text(0, 6)));
  }
  result.invalidation_reason = rows.string(0, 7);
  result.synced = rows.truth(0, 8);
  result.retained_bytes = rows.number(0, 9);
  result.used = rows.truth(0, 10);
  return result;
}

Result<ServerDescription> describe_server(Connection& connection) {
  PENSTOCK_ASSIGN(
      const Rows rows,
      connection.query(
          "SELECT (SELECT system_identifier FROM pg_control_system()), "
          "(SELECT timeline_id FROM pg_control_checkpoint()), pg_is_in_recovery(), "
          "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() "
          "END::text, current_setting('wal_level'), current_setting('server_encoding'), "
          "current_database(), current_user, current_setting('server_version_num'), "
          "(SELECT setting FROM pg_settings WHERE name = 'wal_sender_timeout')"));
  ServerDescription result;
  result.system_identifier = rows.number(0, 0);
  result.timeline = static_cast<std::uint32_t>(rows.number(0, 1));
  result.in_recovery = rows.truth(0, 2);
  if (!rows.is_null(0, 3)) {
    PENSTOCK_ASSIGN(result.wal_end, parse_lsn(rows.text(0, 3)));
  }
  result.wal_level = rows.string(0, 4);
  result.encoding = rows.string(0, 5);
  result.database = rows.string(0, 6);
  result.role = rows.string(0, 7);
  result.version = static_cast<int>(rows.number(0, 8));
  result.wal_sender_timeout_ms = static_cast<std::uint32_t>(rows.number(0, 9));
  return result;
}

std::set<std::uint32_t> empty_leaves(Connection& connection, const TableDescription& table) {
  std::set<std::uint32_t> empty;
  for (const auto& leaf : table.leaves) {
    const auto rows = connection.query("SELECT EXISTS (SELECT FROM " + quoted(leaf.name) + ")");
    if (rows && !rows->truth(0, 0)) empty.insert(leaf.oid);
  }
  return empty;
}

pgtype::TypeCatalog type_catalog(Connection& connection) {
  return pgtype::TypeCatalog(
      [&connection](std::uint32_t oid) { return CatalogLookup(connection).type(oid); });
}

}  // namespace penstock::postgres
