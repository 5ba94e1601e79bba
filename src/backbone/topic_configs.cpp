#include "backbone/topic_configs.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <string_view>

#include "backbone/failure.h"
#include "backbone/owned.h"

namespace penstock::backbone {
namespace {

constexpr std::array<std::string_view, 3> kWanted{"cleanup.policy", "retention.ms", "retention.bytes"};

struct FreeResource {
  void operator()(rd_kafka_ConfigResource_t* resource) const { rd_kafka_ConfigResource_destroy(resource); }
};

std::map<std::string, std::string> wanted_of(const rd_kafka_ConfigResource_t* resource) {
  std::map<std::string, std::string> found;
  std::size_t count = 0;
  const auto* entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = rd_kafka_ConfigEntry_name(entries[i]);
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    for (const std::string_view wanted : kWanted)
      if (name == wanted && value != nullptr) found.emplace(name, value);
  }
  return found;
}

}  // namespace

Result<TopicConfigs> describe_topics(Consumer& consumer, const std::vector<std::string>& topics,
                                     const ConsumerOptions& options) {
  TopicConfigs configs;
  if (topics.empty()) return configs;
  std::vector<std::unique_ptr<rd_kafka_ConfigResource_t, FreeResource>> owned;
  std::vector<rd_kafka_ConfigResource_t*> list;
  for (const std::string& topic : topics) {
    owned.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    list.push_back(owned.back().get());
  }
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(consumer.handle()));
  rd_kafka_DescribeConfigs(consumer.handle(), list.data(), list.size(), nullptr, queue.get());
  const Owned<rd_kafka_event_t> event(
      rd_kafka_queue_poll(queue.get(), static_cast<int>(options.timeout.count())));
  const std::string what = "asking how topics are kept";
  if (!event) return fail(error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer", what, options.brokers));
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(error_of(code, rd_kafka_event_error_string(event.get()), what, options.brokers));
  std::size_t count = 0;
  const auto* results =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i)
    if (rd_kafka_ConfigResource_error(results[i]) == RD_KAFKA_RESP_ERR_NO_ERROR)
      configs[rd_kafka_ConfigResource_name(results[i])] = wanted_of(results[i]);
  return configs;
}

}  // namespace penstock::backbone
