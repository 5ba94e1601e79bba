// The consumer group's offsets, for those who watch the lag there. Nobody goes on from them.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "model/places.h"
#include "model/position.h"

namespace penstock::backbone {

class AppliedOffsets {
 public:
  // The source's thread: what was handed out with a commit.
  void sent(const Position& position, const Places& reached);
  // Any thread: it is durable.
  void durable(const Position& position);
  // The source's thread: about once a second what is durable is committed to the group. A failure is no
  // matter.
  void tell(const std::function<void(const Places&)>& commit);

 private:
  std::deque<std::pair<Position, Places>> sent_;
  std::mutex mutex_;  // holds durable_
  Position durable_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace penstock::backbone
