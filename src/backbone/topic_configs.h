// How topics are kept.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "backbone/consumer.h"
#include "base/result.h"

namespace penstock::backbone {

// By topic, the settings that decide how long records stay: cleanup.policy, retention.ms, retention.bytes.
// Topics that may not be asked about (DescribeConfigs) are left out. kKafkaUnavailable, kKafkaRefused.
using TopicConfigs = std::map<std::string, std::map<std::string, std::string>>;
Result<TopicConfigs> describe_topics(Consumer& consumer, const std::vector<std::string>& topics,
                                     const ConsumerOptions& options);

}  // namespace penstock::backbone
