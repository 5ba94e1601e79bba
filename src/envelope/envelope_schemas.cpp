#include "envelope/envelope_schemas.h"

namespace penstock::envelope {
namespace {

const std::string kCommon = "io.debezium.connector.common.";
const std::string kPostgres = "io.debezium.connector.postgresql.";

ConnectSchema text(bool optional = false) { return primitive("string", optional); }
ConnectSchema number(bool optional = false) { return primitive("int64", optional); }

}  // namespace

ConnectSchema snapshot_schema() {
  ConnectSchema schema = text(true);
  schema.name = "io.debezium.data.Enum";
  schema.version = 1;
  schema.parameters = {
      {"allowed", "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"}};
  schema.default_value = R"("false")";
  return schema;
}

ConnectSchema source_schema() {
  return struct_of({{"version", text()},
                    {"connector", text()},
                    {"name", text()},
                    {"ts_ms", number()},
                    {"snapshot", snapshot_schema()},
                    {"db", text()},
                    {"sequence", text(true)},
                    {"ts_us", number(true)},
                    {"ts_ns", number(true)},
                    {"schema", text()},
                    {"table", text()},
                    {"txId", number(true)},
                    {"lsn", number(true)},
                    {"xmin", number(true)},
                    {"origin", text(true)},
                    {"origin_lsn", number(true)}},
                   kPostgres + "Source", 1);
}

ConnectSchema transaction_schema() {
  ConnectSchema schema = struct_of(
      {{"id", text()}, {"total_order", number()}, {"data_collection_order", number()}}, "event.block", 1);
  schema.optional = true;
  return schema;
}

ConnectSchema envelope_schema(const ConnectSchema& row, std::string name) {
  return struct_of({{"before", row},
                    {"after", row},
                    {"source", source_schema()},
                    {"transaction", transaction_schema()},
                    {"op", text()},
                    {"ts_ms", number(true)},
                    {"ts_us", number(true)},
                    {"ts_ns", number(true)}},
                   std::move(name), 2);
}

ConnectSchema message_key_schema(NameMode names) {
  return struct_of({{"prefix", text(true)}}, adjusted(kPostgres + "MessageKey", names), 1);
}

ConnectSchema message_value_schema(const Options& options) {
  const ConnectSchema content = options.binary == BinaryMode::kBytes ? primitive("bytes", true) : text(true);
  return struct_of({{"op", text()},
                    {"ts_ms", number(true)},
                    {"source", source_schema()},
                    {"transaction", transaction_schema()},
                    {"message", struct_of({{"prefix", text(true)}, {"content", content}},
                                          adjusted(kPostgres + "Message", options.names), 1)}},
                   adjusted(kPostgres + "MessageValue", options.names), 1);
}

ConnectSchema heartbeat_key_schema(NameMode names) {
  return struct_of({{"serverName", text()}}, adjusted(kCommon + "ServerNameKey", names), 1);
}

ConnectSchema heartbeat_value_schema(NameMode names) {
  return struct_of({{"ts_ms", number()}}, adjusted(kCommon + "Heartbeat", names), 1);
}

ConnectSchema metadata_key_schema(NameMode names) {
  return struct_of({{"id", text()}}, adjusted(kCommon + "TransactionMetadataKey", names), 1);
}

ConnectSchema metadata_value_schema(NameMode names) {
  ConnectSchema count =
      struct_of({{"data_collection", text()}, {"event_count", number()}}, "event.collection", 1);
  count.optional = true;
  ConnectSchema counts = array_of(count);
  counts.optional = true;
  return struct_of({{"status", text()},
                    {"id", text()},
                    {"event_count", number(true)},
                    {"data_collections", counts},
                    {"ts_ms", number()}},
                   adjusted(kCommon + "TransactionMetadataValue", names), 1);
}

std::string wrapped(bool with, const ConnectSchema& schema, const std::string& json) {
  return with ? with_schema(schema) + json + "}" : json;
}

}  // namespace penstock::envelope
