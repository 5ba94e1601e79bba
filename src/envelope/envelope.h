// Debezium's change events: key and value of a Kafka record in JSON, with schemas where they are asked for
// (Debezium documentation 3.5: "Debezium connector for PostgreSQL", Data change events).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "envelope/connect_schema.h"
#include "envelope/value_writer.h"
#include "model/lsn.h"

namespace penstock::envelope {

// What Debezium's version says of itself in `source`; consumers look at it.
inline constexpr std::string_view kVersion = "3.5.0.Final";

enum class Operation : char {
  kRead = 'r',  // a row of a load
  kCreate = 'c',
  kUpdate = 'u',
  kDelete = 'd',
  kTruncate = 't',
  kMessage = 'm',
};

// `source`: where a change comes from.
struct Origin {
  std::int64_t commit_micros = 0;            // since 1970 UTC; of a load the time of its snapshot
  std::optional<std::uint32_t> transaction;  // PostgreSQL's xid; none: outside of all
  Lsn lsn;                                   // of the change itself, not of its commit
  Lsn last_commit;  // the newest commit before the change's transaction ends; unset: none yet
  std::string_view snapshot = "false";  // or true, first, last, first_in_data_collection, …
};

// `transaction`, with provide.transaction.metadata.
struct TransactionBlock {
  std::string id;
  std::uint64_t total_order = 0;
  std::uint64_t data_collection_order = 0;
};

struct Change {
  Operation operation = Operation::kCreate;
  const Value* before = nullptr;  // columns that were not sent are Unchanged
  const Value* after = nullptr;
  Origin origin = {};
  std::optional<TransactionBlock> transaction = {};
  std::int64_t now_nanos = 0;  // since 1970 UTC: when it is written
};

struct TableFacts {
  std::string schema, table;
  std::vector<ColumnFacts> columns;  // in the order of the values of a row
  std::vector<std::uint16_t> key;  // the columns of the record's key, in its order; none: records without key
  std::string topic;               // names the schemas: <topic>.Key, .Value, .Envelope
};

struct TableNames {
  std::string server, database, schema, table;
};

// The parts of `source` that are the same in all events of a table, as JSON.
struct SourceParts {
  std::string head;
  std::string database;
  std::string table;
};
SourceParts source_parts(const Options& options, std::string_view schema, std::string_view table);
void append_source(std::string& out, const SourceParts& parts, const Origin& origin);
// As Debezium names a place in the WAL: ["26581672","26581800"].
std::string sequence_text(const Origin& origin);
// ,"transaction":{…}
void append_transaction(std::string& out, const std::optional<TransactionBlock>& transaction);

// Of one shape of a table. Threads may share it.
class TableEnvelope {
 public:
  TableEnvelope(const Options& options, const TableFacts& facts);

  bool has_key() const { return !key_.empty(); }
  // {"id":1}. kBadValue as ValueWriter::append, with the table and the column.
  Status append_key(std::string& out, const Value* row) const;
  // The same without its schema, as headers have it.
  Status append_plain_key(std::string& out, const Value* row) const;
  Status append_value(std::string& out, const Change& change) const;
  // Names of columns whose types the events leave out.
  const std::vector<std::string>& left_out() const { return left_out_; }

  // For those who make something else of the rows. Rows have the schema <topic>.Value and may be null.
  const ConnectSchema& row_schema() const { return row_schema_; }
  const std::vector<SchemaField>& row_fields() const { return row_fields_; }
  // {"id":1,"name":"a" without the end. `old`: columns that were not sent are as good as nothing.
  Status append_open_row(std::string& out, const Value* row, bool old) const;
  const SourceParts& source() const { return source_; }
  // Of a column that the events have; null: of none.
  const ValueWriter* writer_of(std::string_view column, std::size_t& place) const;

 private:
  struct Field {
    std::size_t place;  // in a row
    std::string name;   // as JSON, with its colon
    ValueWriter writer;
    bool may_fail;  // a value without a place in its form becomes null
    std::shared_ptr<std::atomic<std::uint64_t>> failed = std::make_shared<std::atomic<std::uint64_t>>(0);
  };
  Status append_row(std::string& out, const Value* row, bool old) const;
  Status append_fields(std::string& out, const std::vector<Field>& fields, const Value* row, bool old) const;
  Status failed(std::string& out, const Field& field, Error error) const;
  void name_schemas(const Options& options, const TableFacts& facts);

  std::string table_;  // for messages
  std::vector<Field> fields_;
  std::vector<Field> key_;
  std::vector<std::string> left_out_;
  SourceParts source_;
  ConnectSchema row_schema_;
  std::vector<SchemaField> row_fields_;
  FailureMode failures_;
  std::string key_head_, key_tail_, value_head_, value_tail_;  // what stands around the data
};

}  // namespace penstock::envelope
