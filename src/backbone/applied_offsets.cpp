#include "backbone/applied_offsets.h"

namespace penstock::backbone {
namespace {

constexpr std::chrono::seconds kInterval{1};

}  // namespace

void AppliedOffsets::sent(const Position& position, const Places& reached) {
  if (!reached.empty()) sent_.emplace_back(position, reached);
}

void AppliedOffsets::durable(const Position& position) {
  const std::lock_guard lock(mutex_);
  durable_ = position;
}

void AppliedOffsets::tell(const std::function<void(const Places&)>& commit) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kInterval;
  Position durable;
  {
    const std::lock_guard lock(mutex_);
    durable = durable_;
  }
  Places applied;
  while (!sent_.empty() && sent_.front().first.commit_lsn <= durable.commit_lsn) {
    merge(applied, sent_.front().second);
    sent_.pop_front();
  }
  if (!applied.empty()) commit(applied);
}

}  // namespace penstock::backbone
