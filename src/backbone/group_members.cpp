#include "backbone/group_members.h"

#include <librdkafka/rdkafka.h>

#include "backbone/failure.h"
#include "backbone/owned.h"

namespace penstock::backbone {
namespace {

// A group that nobody has joined yet, or that all have left long ago.
bool is_absent(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND || code == RD_KAFKA_RESP_ERR_INVALID_GROUP_ID;
}

std::vector<std::string> clients_in(const rd_kafka_ConsumerGroupDescription_t& group) {
  std::vector<std::string> clients;
  for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(&group); ++i)
    clients.emplace_back(
        rd_kafka_MemberDescription_client_id(rd_kafka_ConsumerGroupDescription_member(&group, i)));
  return clients;
}

}  // namespace

// The question that groups of both protocols answer (rdkafka.h, rd_kafka_DescribeConsumerGroups()).
Result<std::vector<std::string>> members_of(Consumer& consumer, const ConsumerOptions& options) {
  const char* name = options.group.c_str();
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(consumer.handle()));
  rd_kafka_DescribeConsumerGroups(consumer.handle(), &name, 1, nullptr, queue.get());
  const Owned<rd_kafka_event_t> event(
      rd_kafka_queue_poll(queue.get(), static_cast<int>(options.timeout.count())));
  const std::string what = "asking about the group " + options.group;
  if (!event) return fail(error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer", what, options.brokers));
  auto code = rd_kafka_event_error(event.get());
  std::string said = code == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_event_error_string(event.get());
  std::size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** groups = nullptr;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    groups = rd_kafka_DescribeConsumerGroups_result_groups(
        rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  const rd_kafka_error_t* error = count > 0 ? rd_kafka_ConsumerGroupDescription_error(groups[0]) : nullptr;
  if (error != nullptr) {
    code = rd_kafka_error_code(error);
    said = rd_kafka_error_string(error);
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR && count > 0) return clients_in(*groups[0]);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR || is_absent(code)) return std::vector<std::string>();
  return fail(error_of(code, said, what, options.brokers));
}

}  // namespace penstock::backbone
