// An `apply` pipeline as the commands beside it see it: which topics its tables come from, and from which
// brokers.
#pragma once

#include <string>
#include <vector>

#include "app/commands/options.h"
#include "app/settings.h"
#include "backbone/consumer.h"
#include "base/result.h"
#include "model/checkpoint.h"
#include "model/table_schema.h"

namespace penstock::app {

// Whether the pipeline's changes come from topics: what it stored says so; one that never ran, by its file.
bool reads_topics(const Settings& settings, const Checkpoint& checkpoint);

// With the command line's brokers and settings of librdkafka's. kUsage.
Result<Settings> with_brokers(const Settings& settings, const BrokerOptions& options);
// kConfiguration when no broker is named.
Status check_brokers(const Settings& settings);

// The group that `apply` shows its offsets in.
std::string group_of(const Settings& settings);
backbone::ConsumerOptions consumer_options(const Settings& settings);

// Under which a `penstock capture` may write the topics: the pipeline's name, and the connector file's.
std::vector<std::string> capture_names(const Settings& settings);

// Of a table by its name in Debezium's transaction metadata, "public.orders".
std::string topic_of(const Settings& settings, const std::string& table);
std::string transaction_topic(const Settings& settings);

struct TableTopics {
  TableName table;
  bool mirrored = false;  // read models are made of its rows
  bool plain = false;     // and plain collections are, or these alone
  std::vector<std::string> topics;

  bool comes_from(const std::string& topic) const;
};
std::vector<std::string> topics_in(const std::vector<TableTopics>& tables);

// Asks PostgreSQL's catalog for the leaves of partitioned tables. kPostgres….
Result<std::vector<TableTopics>> find_topics(const Settings& settings);
// Without PostgreSQL: leaves are not known.
std::vector<TableTopics> likely_topics(const Settings& settings);

// Up to where the documents show each partition: where workers share the plain collections, both they and
// whoever writes the read models have applied it. No place: one of them has not begun.
Places applied_places(const Checkpoint& checkpoint, const std::vector<TableTopics>& tables);

}  // namespace penstock::app
