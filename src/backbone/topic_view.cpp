#include "backbone/topic_view.h"

#include <librdkafka/rdkafka.h>

#include "backbone/client.h"
#include "backbone/failure.h"
#include "backbone/owned.h"

namespace penstock::backbone {
namespace {

Result<Owned<rd_kafka_t>> open_any(const ProducerOptions& options) {
  ClientSettings all{{"bootstrap.servers", options.brokers}, {"allow.auto.create.topics", "false"}};
  for (const auto& [name, value] : options.settings) {
    if (name.starts_with("security.") || name.starts_with("sasl.") || name.starts_with("ssl."))
      all.emplace_back(name, value);
  }
  PENSTOCK_ASSIGN(rd_kafka_t * handle, open_client(RD_KAFKA_CONSUMER, all));
  return Owned<rd_kafka_t>(handle);
}

Result<TopicView> describe(rd_kafka_t* client, const ProducerOptions& options, const std::string& name) {
  const int timeout = static_cast<int>(options.timeout.count());
  const std::string what = "looking at topic " + name;
  TopicView view;
  view.name = name;
  const Owned<rd_kafka_topic_t> named(rd_kafka_topic_new(client, name.c_str(), nullptr));
  const rd_kafka_metadata_t* found = nullptr;
  const auto code = rd_kafka_metadata(client, 0, named.get(), &found, timeout);
  const Owned<const rd_kafka_metadata_t> metadata(found);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(error_of(code, rd_kafka_err2str(code), what, options.brokers));
  if (metadata->topic_cnt != 1 || metadata->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) return view;
  view.exists = true;
  view.partitions = metadata->topics[0].partition_cnt;
  for (int partition = 0; partition < view.partitions; ++partition) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto asked =
        rd_kafka_query_watermark_offsets(client, name.c_str(), partition, &low, &high, timeout);
    if (asked != RD_KAFKA_RESP_ERR_NO_ERROR)
      return fail(error_of(asked, rd_kafka_err2str(asked), what, options.brokers));
    view.records += static_cast<std::uint64_t>(high - low);
  }
  return view;
}

}  // namespace

Result<std::vector<TopicView>> describe_topics(const ProducerOptions& options,
                                               const std::vector<std::string>& names) {
  PENSTOCK_ASSIGN(const Owned<rd_kafka_t> client, open_any(options));
  std::vector<TopicView> views;
  for (const std::string& name : names) {
    PENSTOCK_ASSIGN(TopicView view, describe(client.get(), options, name));
    views.push_back(std::move(view));
  }
  return views;
}

Status delete_topic(const ProducerOptions& options, const std::string& name) {
  const std::string what = "deleting topic " + name;
  PENSTOCK_ASSIGN(const Owned<rd_kafka_t> client, open_any(options));
  const Owned<rd_kafka_DeleteTopic_t> wanted(rd_kafka_DeleteTopic_new(name.c_str()));
  rd_kafka_DeleteTopic_t* list = wanted.get();
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client.get()));
  rd_kafka_DeleteTopics(client.get(), &list, 1, nullptr, queue.get());
  const Owned<rd_kafka_event_t> event(
      rd_kafka_queue_poll(queue.get(), static_cast<int>(options.timeout.count())));
  if (!event) return fail(error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer", what, options.brokers));
  auto code = rd_kafka_event_error(event.get());
  std::size_t count = 0;
  if (const auto* result = rd_kafka_event_DeleteTopics_result(event.get());
      code == RD_KAFKA_RESP_ERR_NO_ERROR && result != nullptr) {
    const auto* topics = rd_kafka_DeleteTopics_result_topics(result, &count);
    if (count == 1) code = rd_kafka_topic_result_error(topics[0]);
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return {};
  return fail(error_of(code, rd_kafka_err2str(code), what, options.brokers));
}

}  // namespace penstock::backbone
