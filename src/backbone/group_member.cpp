#include "backbone/group_member.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "backbone/client.h"
#include "backbone/failure.h"
#include "backbone/owned.h"
#include "base/log.h"

namespace penstock::backbone {
namespace {

constexpr std::chrono::milliseconds kAway{1000};
constexpr std::chrono::seconds kLeaving{5};

// A member that cannot give its partitions back is not waited for longer than a minute; new partitions are
// seen within seconds.
const ClientSettings kOwn{{"enable.auto.commit", "false"},
                          {"enable.auto.offset.store", "false"},
                          {"max.poll.interval.ms", "60000"},
                          {"topic.metadata.refresh.interval.ms", "5000"},
                          {"allow.auto.create.topics", "false"}};

// Equal numbers together; named in the words of whoever assigns, the clients or the brokers.
ClientSettings assignor_of(const ClientSettings& settings) {
  const bool brokers = std::find(settings.begin(), settings.end(),
                                 ClientSettings::value_type{"group.protocol", "consumer"}) != settings.end();
  return {{brokers ? "group.remote.assignor" : "partition.assignment.strategy", "range"}};
}

Owned<rd_kafka_topic_partition_list_t> list_of(const std::set<PartitionId>& partitions) {
  Owned<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const PartitionId& one : partitions)
    rd_kafka_topic_partition_list_add(list.get(), one.topic.c_str(), one.number);
  return list;
}

std::set<PartitionId> partitions_in(const rd_kafka_topic_partition_list_t& list) {
  std::set<PartitionId> partitions;
  for (int i = 0; i < list.cnt; ++i) partitions.insert({list.elems[i].topic, list.elems[i].partition});
  return partitions;
}

void forget(rd_kafka_error_t* error) {
  if (error == nullptr) return;
  log::debug("sharing partitions: {}", rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
}

}  // namespace

// Whoever reads the partitions does so with a consumer of its own: here nothing is ever fetched.
void GroupMember::rebalance(rd_kafka_s* handle, int what, rd_kafka_topic_partition_list_s* partitions,
                            GroupMember& self) {
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return self.take(*partitions);
  if (rd_kafka_assignment_lost(handle) != 0)
    log::warn("this worker was not heard of for too long: its partitions are lost");
  const std::set<PartitionId> back = partitions_in(*partitions);
  self.wanted_back_.insert(back.begin(), back.end());
  self.revoking_ = true;
}

bool GroupMember::is_stepwise() const {
  return rd_kafka_rebalance_protocol(handle_) == std::string_view("COOPERATIVE");
}

// librdkafka insists on reading what it is to give back step by step: from the end, and paused.
void GroupMember::take(rd_kafka_topic_partition_list_t& partitions) {
  const std::set<PartitionId> given = partitions_in(partitions);
  if (is_stepwise()) {
    for (int i = 0; i < partitions.cnt; ++i) partitions.elems[i].offset = RD_KAFKA_OFFSET_END;
    forget(rd_kafka_incremental_assign(handle_, &partitions));
    rd_kafka_pause_partitions(handle_, &partitions);
  } else {
    assigned_.clear();
    rd_kafka_assign(handle_, list_of({}).get());
    revoking_ = false;
  }
  assigned_.insert(given.begin(), given.end());
  if (!given.empty()) log::info("the group has given {} partitions to this worker", given.size());
}

Result<std::unique_ptr<GroupMember>> GroupMember::open(const ConsumerOptions& options,
                                                       std::vector<std::string> topics) {
  std::unique_ptr<GroupMember> member(new GroupMember(options, std::move(topics)));
  ClientSettings all{{"bootstrap.servers", options.brokers}, {"group.id", options.group}};
  all.insert(all.end(), kOwn.begin(), kOwn.end());
  const ClientSettings assignor = assignor_of(options.settings);
  all.insert(all.end(), assignor.begin(), assignor.end());
  all.insert(all.end(), options.settings.begin(), options.settings.end());
  const auto prepare = [&](rd_kafka_conf_t* conf) {
    rd_kafka_conf_set_opaque(conf, member.get());
    rd_kafka_conf_set_rebalance_cb(
        conf, [](rd_kafka_t* handle, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                 void* self) { rebalance(handle, what, partitions, *static_cast<GroupMember*>(self)); });
  };
  PENSTOCK_ASSIGN(member->handle_, open_client(RD_KAFKA_CONSUMER, all, prepare));
  rd_kafka_poll_set_consumer(member->handle_);
  PENSTOCK_TRY(member->subscribe());
  return member;
}

// Closing asks for what is assigned once more: by then nothing is written any more. librdkafka (2.12) was
// seen not to come to its end with KIP-848's protocol.
GroupMember::~GroupMember() {
  if (handle_ == nullptr) return;
  if (revoking_) give_back();
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle_));
  rd_kafka_error_t* failed = rd_kafka_consumer_close_queue(handle_, queue.get());
  if (failed != nullptr) rd_kafka_error_destroy(failed);
  const auto until = std::chrono::steady_clock::now() + kLeaving;
  while (rd_kafka_consumer_closed(handle_) == 0 && std::chrono::steady_clock::now() < until) {
    const Owned<rd_kafka_message_t> message(rd_kafka_consume_queue(queue.get(), 50));
    if (revoking_) give_back();
  }
  const bool closed = rd_kafka_consumer_closed(handle_) != 0;
  if (!closed) log::warn("the group has not let this worker go: it will miss it after its session timeout");
  rd_kafka_destroy_flags(handle_, closed ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

Status GroupMember::subscribe() {
  const Owned<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(topics_.size())));
  for (const std::string& topic : topics_)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(handle_, list.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return fail(
      error_of(error, rd_kafka_err2str(error), "joining the group " + options_.group, options_.brokers));
}

Status GroupMember::poll(std::chrono::milliseconds time) {
  if (left_ && !revoking_ && std::chrono::steady_clock::now() >= joins_at_) {
    left_ = false;
    PENSTOCK_TRY(subscribe());
  }
  const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(handle_, static_cast<int>(time.count())));
  if (!message || message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const Error error = error_of(message->err, rd_kafka_message_errstr(message.get()),
                               "sharing the partitions in the group " + options_.group, options_.brokers);
  if (error.kind == ErrorKind::kKafkaRefused && message->err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    return fail(error);
  if (outage_ != error.message) log::warn("{}; trying again, nothing is lost", error.message);
  outage_ = error.message;
  return {};
}

void GroupMember::give_back() {
  revoking_ = false;
  if (is_stepwise()) {
    for (const PartitionId& one : wanted_back_) assigned_.erase(one);
    forget(rd_kafka_incremental_unassign(handle_, list_of(std::exchange(wanted_back_, {})).get()));
    return;
  }
  assigned_.clear();
  wanted_back_.clear();
  rd_kafka_assign(handle_, nullptr);
}

void GroupMember::rejoin() {
  if (left_) return;
  assigned_.clear();
  rd_kafka_unsubscribe(handle_);
  left_ = true;
  joins_at_ = std::chrono::steady_clock::now() + kAway;
}

void GroupMember::commit(const Places& places) { commit_places(handle_, places); }

}  // namespace penstock::backbone
