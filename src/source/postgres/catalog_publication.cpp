#include "source/postgres/catalog.h"

namespace penstock::postgres {

Result<PublicationDescription> describe_publication(Connection& connection, const std::string& publication) {
  PENSTOCK_ASSIGN(
      const Rows rows,
      connection.query("SELECT oid, pubviaroot, puballtables, concat_ws(',', "
                       "CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN 'update' END, "
                       "CASE WHEN pubdelete THEN 'delete' END, CASE WHEN pubtruncate THEN 'truncate' END) "
                       "FROM pg_publication WHERE pubname = $1",
                       {publication}));
  PublicationDescription result;
  if (rows.size() == 0) return result;
  result.exists = true;
  result.oid = static_cast<std::uint32_t>(rows.number(0, 0));
  result.via_partition_root = rows.truth(0, 1);
  result.all_tables = rows.truth(0, 2);
  result.publishes = rows.string(0, 3);
  result.fingerprint = "publication " + publication + " oid " + rows.string(0, 0) + " publish " +
                       result.publishes + (result.via_partition_root ? " via root" : "");
  PENSTOCK_ASSIGN(
      const Rows tables,
      connection.query("SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = $1 "
                       "ORDER BY 1, 2",
                       {publication}));
  for (std::size_t i = 0; i < tables.size(); ++i)
    result.tables.push_back({tables.string(i, 0), tables.string(i, 1)});
  return result;
}

}  // namespace penstock::postgres
