// Which topics there are: looked for at the start and every few seconds from then on.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "backbone/consumer.h"
#include "backbone/topic_positions.h"
#include "backbone/topic_share.h"
#include "base/result.h"
#include "model/places.h"

namespace penstock::backbone {

// Of topics that are there, by name. Empty where the brokers or the library do not tell. kKafkaUnavailable.
Result<std::map<std::string, TopicId>> topic_ids(Consumer& consumer, const std::vector<std::string>& topics,
                                                 const std::string& brokers);

// One thread.
class TopicWatch {
 public:
  // `told`: of the topics the one whose absence is nothing to speak of. `share`: what is read of them,
  // outlives this.
  TopicWatch(std::vector<std::string> topics, std::string told, std::string brokers, const TopicShare& share)
      : topics_(std::move(topics)), told_(std::move(told)), brokers_(std::move(brokers)), share_(share) {}

  const TopicPartitions& found() const { return found_; }
  Status look(Consumer& consumer);
  // Partitions that came since the last look, where one is due. Outages are none of its business.
  // kDivergence: a topic that was read is another one now.
  Result<std::vector<PartitionId>> look_again(Consumer& consumer, const Places& places);
  // Why the last look found nothing; empty: it did.
  const std::string& outage() const { return outage_; }
  void look_soon() { next_ = {}; }
  // The last look that found something was not before that.
  std::chrono::steady_clock::time_point looked() const { return looked_; }

  // Whether the places are in the topics that are there: kDivergence where one was made anew since. Places
  // that do not name their topic are taken to be.
  Status check_ids(const Places& places) const;
  // The places name their topics from now on.
  void name_topics(Places& places) const;
  // Of a partition that is read from its oldest record.
  Place beginning(const PartitionId& partition) const;

 private:
  void say_missing(const Places& places);

  const std::vector<std::string> topics_;
  const std::string told_;
  const std::string brokers_;
  const TopicShare& share_;
  std::string outage_;
  TopicPartitions found_;
  std::map<std::string, TopicId> ids_;
  std::set<std::string> missing_said_;
  std::chrono::steady_clock::time_point next_{}, looked_{};
};

}  // namespace penstock::backbone
