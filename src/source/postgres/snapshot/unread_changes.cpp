#include "source/postgres/snapshot/unread_changes.h"

#include "model/table_schema.h"

namespace penstock::postgres {
namespace {

// pgoutput: 'C' (67) is followed by a byte of flags, the commit's LSN and its end; rows and truncates are I,
// U, D and T. The LSNs are compared as their bytes in hexadecimal.
constexpr const char* kUnreadSql =
    "WITH m AS MATERIALIZED (SELECT xid, get_byte(data, 0) AS kind, "
    "CASE get_byte(data, 0) WHEN 67 THEN encode(substring(data FROM 3 FOR 8), 'hex') END AS committed, "
    "CASE get_byte(data, 0) WHEN 67 THEN encode(substring(data FROM 11 FOR 8), 'hex') END AS ended "
    "FROM pg_logical_slot_peek_binary_changes($1, $4::pg_lsn, NULL, 'proto_version', '1', "
    "'publication_names', $2)) "
    "SELECT count(*) FROM m WHERE kind IN (73, 85, 68, 84) AND EXISTS (SELECT FROM m AS c "
    "WHERE c.xid::text = m.xid::text AND c.kind = 67 AND c.ended COLLATE \"C\" > $3 AND c.committed COLLATE "
    "\"C\" < $5)";

std::string hex(Lsn lsn) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[lsn.value >> shift & 15U];
  return text;
}

}  // namespace

Result<std::uint64_t> unread_changes(Connection& connection, const std::string& slot,
                                     const std::string& publication, Lsn through, Lsn until) {
  PENSTOCK_ASSIGN(const Rows rows,
                  connection.query(kUnreadSql, {slot, quote_identifier(publication), hex(through),
                                                to_string(until), hex(until)}));
  return rows.number(0, 0);
}

Result<std::uint64_t> unconfirmed_changes(Connection& connection, const std::string& slot,
                                          const std::string& publication, Lsn through, Lsn until) {
  PENSTOCK_ASSIGN(const Rows made,
                  connection.query("SELECT slot_name FROM pg_copy_logical_replication_slot($1, "
                                   "'penstock_look_' || pg_backend_pid(), true)",
                                   {slot}));
  const std::string copy(made.text(0, 0));
  auto changes = unread_changes(connection, copy, publication, through, until);
  PENSTOCK_TRY(connection.query("SELECT pg_drop_replication_slot($1)", {copy}).map([](const auto&) {}));
  return changes;
}

}  // namespace penstock::postgres
