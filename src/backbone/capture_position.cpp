#include "backbone/capture_position.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace penstock::backbone {
namespace {

constexpr std::int64_t kNewest = 256;
constexpr std::size_t kRecords = 1000;

}  // namespace

std::string state_topic_of(const std::string& capture) { return "penstock." + capture + ".state"; }

Result<std::unique_ptr<CapturePosition>> CapturePosition::open(const ConsumerOptions& options,
                                                               const std::string& capture) {
  PENSTOCK_ASSIGN(auto consumer, Consumer::open(options));
  const PartitionId partition{state_topic_of(capture), 0};
  PENSTOCK_ASSIGN(const std::int32_t count, consumer->partitions(partition.topic));
  if (count == 0) return std::unique_ptr<CapturePosition>();
  PENSTOCK_ASSIGN(const PartitionEnds ends, consumer->ends(partition));
  PENSTOCK_TRY(consumer->assign({{partition, std::max(ends.first, ends.end - kNewest)}}));
  return std::unique_ptr<CapturePosition>(new CapturePosition(std::move(consumer)));
}

Result<Lsn> CapturePosition::through(std::chrono::milliseconds patience) {
  bool news = false;
  Consumer::Callbacks callbacks;
  callbacks.record = [&](const ConsumedRecord& record) -> Result<bool> {
    if (!record.key || *record.key != "position") return true;
    PENSTOCK_TRY(state_.take(*record.key, record.value));
    news = true;
    return true;
  };
  PENSTOCK_TRY(consumer_->poll(kRecords, patience, callbacks));
  if (news) {
    const CaptureState state = state_.state();
    through_ = state.checkpoint.position.through_lsn;
    loading_ = state.loading;
  }
  return through_;
}

std::string CapturePosition::why_not_loaded() const {
  if (!through_.is_set()) return "the capture has not begun to write";
  if (loading_.empty()) return {};
  return fmt::format("the capture has not loaded {}", fmt::join(loading_, ", "));
}

}  // namespace penstock::backbone
