// Schemas of the parts that all events share, and of the topics beside the tables' (Debezium source:
// SchemaFactory.java, PostgresSchemaFactory.java).
#pragma once

#include <string>

#include "envelope/connect_schema.h"

namespace penstock::envelope {

ConnectSchema snapshot_schema();  // of source.snapshot
ConnectSchema source_schema();
ConnectSchema transaction_schema();
ConnectSchema envelope_schema(const ConnectSchema& row, std::string name);

ConnectSchema message_key_schema(NameMode names);
ConnectSchema message_value_schema(const Options& options);
ConnectSchema heartbeat_key_schema(NameMode names);
ConnectSchema heartbeat_value_schema(NameMode names);
// Of the topic of transactions.
ConnectSchema metadata_key_schema(NameMode names);
ConnectSchema metadata_value_schema(NameMode names);

// The data as it is, or within {"schema":…,"payload":…}.
std::string wrapped(bool with, const ConnectSchema& schema, const std::string& json);

}  // namespace penstock::envelope
