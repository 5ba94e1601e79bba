// What goes into the topics, and under which names.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "backbone/transform.h"
#include "envelope/column_rules.h"
#include "envelope/options.h"

namespace penstock::backbone {

struct TopicOptions {
  envelope::Options values;
  envelope::ColumnRules columns;
  std::string delimiter = ".";                    // between prefix, schema and table
  bool tombstones = true;                         // tombstones.on.delete
  std::string skipped = "t";                      // operations that are left out: c, u, d, t
  bool context_headers = true;                    // __debezium.context.*
  bool transactions = false;                      // provide.transaction.metadata
  std::string transaction_topic = "transaction";  // behind the prefix
  std::string heartbeat_prefix = "__debezium-heartbeat";
  envelope::NamePatterns include_messages, exclude_messages;  // of pg_logical_emit_message, by prefix
  std::vector<Transform> transforms;                          // at most one for a topic

  // Of topics that are made; -1: the brokers' default.
  int partitions = -1;
  int replication = -1;
  std::map<std::string, std::string> topic_config;  // cleanup.policy, …

  bool skips(char operation) const { return skipped.find(operation) != std::string::npos; }
};

}  // namespace penstock::backbone
