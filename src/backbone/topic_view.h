// What the brokers have of topics.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backbone/producer.h"
#include "base/result.h"

namespace penstock::backbone {

struct TopicView {
  std::string name;
  bool exists = false;
  int partitions = 0;
  std::uint64_t records = 0;  // about: the marks of transactions and what compaction took away count too
};

Result<std::vector<TopicView>> describe_topics(const ProducerOptions& options,
                                               const std::vector<std::string>& names);

// One that does not exist is no error.
Status delete_topic(const ProducerOptions& options, const std::string& name);

}  // namespace penstock::backbone
