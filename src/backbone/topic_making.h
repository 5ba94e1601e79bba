// Topics that are missing are made.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

struct rd_kafka_s;

namespace penstock::backbone {

struct NewTopic {
  std::string name;
  int partitions = -1;   // -1: the brokers' default
  int replication = -1;  // likewise
  std::map<std::string, std::string> config;
};

// Those that are there already stay as they are. Without the right to make topics nothing is made, which the
// log says: whoever writes to one that is missing fails. kConfiguration for settings that Kafka does not
// take. How many were made now: nothing was ever written to those.
Result<std::size_t> make_topics(rd_kafka_s* handle, const std::vector<NewTopic>& topics,
                                const std::string& brokers, std::chrono::milliseconds timeout);

}  // namespace penstock::backbone
