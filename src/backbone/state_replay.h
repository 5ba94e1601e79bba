// The projector's state follows from the topics up to where the sink stands.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <vector>

#include "backbone/consumer.h"
#include "backbone/topic_intakes.h"
#include "backbone/topic_source.h"
#include "base/result.h"
#include "model/event_batch.h"
#include "model/places.h"

namespace penstock::backbone {

struct StateReplay {
  Consumer& consumer;
  TopicIntakes& intakes;
  const TopicSourceOptions& options;
  const std::map<PartitionId, PartitionEnds>& ends;
  Places from;           // where the state stands
  const Places& target;  // where the sink stands
  std::function<Status(EventBatchPtr)> send;
};

// Sends the rows that the sink has and the state has not, then a batch that says so (EventBatch::Replay).
// kGap: they are gone from a topic.
Status replay_state(StateReplay replay, std::stop_token stop);

}  // namespace penstock::backbone
