// What PostgreSQL's catalog says of a table, a publication and the server.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/lsn.h"
#include "model/table_schema.h"
#include "pgtype/decoder.h"
#include "source/postgres/connection.h"

namespace penstock::postgres {

struct TableDescription {
  // columns: those the publication sends, in attribute order; key: primary key, or what `key:` named. oid:
  // the table's.
  std::shared_ptr<const TableSchema> schema;
  char kind = 'r';         // pg_class.relkind: r table, p partitioned
  std::string row_filter;  // of the publication, as SQL over the table's columns; empty: none
  bool published = false;  // the publication sends it (itself, its root or its leaves)
  bool has_primary_key = false;
  std::vector<std::string>
      identity;               // columns of the replica identity (all of them for FULL; none for NOTHING)
  bool row_security = false;  // relrowsecurity
  bool has_generated = false;
  double estimated_rows = 0;  // reltuples, of the leaves for a partitioned table; never negative
  // Leaf partitions (oid and name); their changes arrive under their own names unless
  // publish_via_partition_root.
  struct Leaf {
    std::uint32_t oid = 0;
    TableName name;
    char replica_identity = 'd';
    std::vector<std::string> identity;
  };
  std::vector<Leaf> leaves;
  // Columns with types, row filter, replica identity, leaves and relfilenodes in one line: a difference means
  // that rows may have changed without row messages (design 3.6).
  std::string fingerprint;
  Lsn since;  // what committed before is not taken from the stream: it is in the rows
};

// kConfiguration if the table does not exist. `key`: the pipeline's `key:`; empty: the primary key (the
// schema's key stays empty if there is none). Without a publication of that name: all columns, published =
// false.
Result<TableDescription> describe_table(Connection& connection, const TableName& table,
                                        const std::string& publication, const std::vector<std::string>& key);

// Details of a relation's columns, by name; none for a relation that is gone.
Result<std::map<std::string, ColumnDetails>> describe_columns(Connection& connection, std::uint32_t oid);

// FOREIGN KEY of `table` on `references`.
struct ForeignKey {
  std::string name;
  TableName table;
  TableName references;
  struct Pair {
    std::string column;      // of table
    std::string referenced;  // of references
  };
  std::vector<Pair> columns;
  bool cascades = false;  // ON DELETE CASCADE
};
// Those with both ends among the tables, by table and name.
Result<std::vector<ForeignKey>> describe_foreign_keys(Connection& connection,
                                                      const std::vector<TableName>& tables);

// Tables of the database's users that are no partitions, by name.
Result<std::vector<TableName>> list_tables(Connection& connection);

struct PublicationDescription {
  bool exists = false;
  std::uint32_t oid = 0;
  bool via_partition_root = false;
  bool all_tables = false;
  std::string publishes;    // "insert,update,delete,truncate" less what is off
  std::string fingerprint;  // OIDs (also pg_publication_rel's), publish flags, row filters, column lists
  std::vector<TableName> tables;
};
Result<PublicationDescription> describe_publication(Connection& connection, const std::string& publication);

struct SlotDescription {
  bool exists = false;
  bool active = false;
  int active_pid = 0;
  std::string plugin, database, wal_status, invalidation_reason;
  Lsn restart_lsn, confirmed_flush_lsn;
  std::uint64_t retained_bytes = 0;  // WAL that the slot keeps: current end - restart_lsn
  bool used = false;                 // transactions were read from it, as far as the statistics reach
  bool synced = false;               // a failover slot copied from another server (PostgreSQL 17+)
};
Result<SlotDescription> describe_slot(Connection& connection, const std::string& slot);

struct ServerDescription {
  std::uint64_t system_identifier = 0;
  std::uint32_t timeline = 0;
  Lsn wal_end;  // pg_current_wal_flush_lsn()
  bool in_recovery = false;
  std::string wal_level, encoding, database, role;
  int version = 0;
  std::uint32_t wal_sender_timeout_ms = 0;  // 0: off
};
Result<ServerDescription> describe_server(Connection& connection);

// Of the table's leaves, those without a row. A leaf that cannot be read counts as filled.
std::set<std::uint32_t> empty_leaves(Connection& connection, const TableDescription& table);

// Reads unknown types through `connection`, which must outlive the catalog.
pgtype::TypeCatalog type_catalog(Connection& connection);

}  // namespace penstock::postgres
