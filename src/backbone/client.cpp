#include "backbone/client.h"

#include <array>

#include "backbone/owned.h"
#include "base/log.h"

namespace penstock::backbone {
namespace {

constexpr std::size_t kErrorText = 512;

void forward_log(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  static_cast<void>(handle);
  if (level <= 3) {
    log::warn("librdkafka ({}): {}", facility, text);
  } else {
    log::debug("librdkafka ({}): {}", facility, text);
  }
}

}  // namespace

Result<rd_kafka_t*> open_client(rd_kafka_type_t type, const ClientSettings& settings,
                                const std::function<void(rd_kafka_conf_t*)>& prepare) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, kErrorText> text{};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size()) == RD_KAFKA_CONF_OK)
      continue;
    rd_kafka_conf_destroy(conf);
    return fail(ErrorKind::kConfiguration, "kafka setting " + name + ": " + text.data(),
                "the settings under kafka.settings are librdkafka's: see its CONFIGURATION.md");
  }
  rd_kafka_conf_set_log_cb(conf, forward_log);
  if (prepare) prepare(conf);
  rd_kafka_t* handle = rd_kafka_new(type, conf, text.data(), text.size());
  if (handle != nullptr) return handle;
  rd_kafka_conf_destroy(conf);
  return fail(ErrorKind::kConfiguration, std::string("Kafka: ") + text.data(), "correct kafka.settings");
}

void commit_places(rd_kafka_t* consumer, const Places& places) {
  const Owned<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const auto& [partition, place] : places)
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number)->offset =
        place.next;
  static_cast<void>(rd_kafka_commit(consumer, list.get(), 1));
}

}  // namespace penstock::backbone
