// Membership in a consumer group, apart from reading: who reads which partitions. It outlives whatever reads
// them, and hands them on only when told to. librdkafka's manual: rdkafka.h,
// rd_kafka_conf_set_rebalance_cb().
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "backbone/consumer.h"
#include "base/result.h"
#include "model/places.h"

namespace penstock::backbone {

// One thread, but for commit(). The group is left when it is destroyed.
class GroupMember {
 public:
  // Equal partition numbers of all topics go to one member (the "range" assignment), unless the settings ask
  // for another: all at once or step by step (cooperative), by the clients or by the brokers (KIP-848,
  // group.protocol=consumer). Topics and partitions that come later are shared out then. kConfiguration for
  // settings that librdkafka does not take.
  static Result<std::unique_ptr<GroupMember>> open(const ConsumerOptions& options,
                                                   std::vector<std::string> topics);
  ~GroupMember();
  GroupMember(const GroupMember&) = delete;
  GroupMember& operator=(const GroupMember&) = delete;

  // Serves the group for up to `time`. To be called all the time, or the group takes this member for dead.
  // Outages are said in the log and come to an end by themselves. kKafkaRefused.
  Status poll(std::chrono::milliseconds time);

  const std::set<PartitionId>& assigned() const { return assigned_; }
  // All or some are wanted back, or are lost already: the others wait for give_back().
  bool revoking() const { return revoking_; }
  void give_back();
  // Leaves the group and joins it anew: somebody else has what we took for ours.
  void rejoin();
  // For those who watch the group's lag. Any thread; what goes wrong is no matter.
  void commit(const Places& places);

 private:
  GroupMember(ConsumerOptions options, std::vector<std::string> topics)
      : options_(std::move(options)), topics_(std::move(topics)) {}
  static void rebalance(rd_kafka_s* handle, int what, rd_kafka_topic_partition_list_s* partitions,
                        GroupMember& self);
  void take(rd_kafka_topic_partition_list_s& partitions);
  bool is_stepwise() const;
  Status subscribe();

  const ConsumerOptions options_;
  const std::vector<std::string> topics_;
  rd_kafka_s* handle_ = nullptr;
  std::set<PartitionId> assigned_;
  std::set<PartitionId> wanted_back_;
  bool revoking_ = false;
  bool left_ = false;
  std::chrono::steady_clock::time_point joins_at_{};
  std::string outage_;  // said last
};

}  // namespace penstock::backbone
