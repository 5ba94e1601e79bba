#include "library/settle_bench.h"

#include <utility>

#include "base/log.h"
#include "library/models.h"

namespace penstock::library {

Status SettleBench::make_anew() {
  PENSTOCK_ASSIGN(settlement_, patience_.wait([&] { return settlement(settings_, *kept_); }));
  anew_ = true;
  return {};
}

Status SettleBench::settle(const std::string& name, Counts& counts) {
  anew_ = false;
  if (!settlement_) PENSTOCK_TRY(make_anew());
  const auto lane = sink_.lane(mongo::partition_of_lane(name), share_);
  for (;;) {
    settlement_->forget();
    const auto place = patience_.wait([&] { return lane->look(); });
    if (!place) return fail(place.error());
    const Status done = run(*lane, name, counts);
    if (done || done.error().kind != ErrorKind::kFenced) return done;
    ++counts.lost;  // another task works on the lane: what it left is ours
  }
}

Status SettleBench::run(mongo::PartitionLane& lane, const std::string& name, Counts& counts) {
  for (;;) {
    PENSTOCK_ASSIGN(const bool more, step(lane, name, counts));
    if (!more) return {};
  }
}

Result<bool> SettleBench::step(mongo::PartitionLane& lane, const std::string& name, Counts& counts) {
  WriteGroup group;
  auto done = patience_.wait([&] {
    group = WriteGroup();
    return settlement_->step(name, size_.limits(), group);
  });
  if (!done) return fail(std::move(done).error());
  if (settlement_->outdated() && !anew_) {
    PENSTOCK_TRY(make_anew());
    return true;
  }
  if (done->marks == 0) return false;
  PENSTOCK_ASSIGN(const auto staged, sink_.stage(std::move(group)));
  const auto committed = commit(lane, *staged);
  if (!committed || !*committed) settlement_->forget();
  if (!committed) return fail(committed.error());
  if (!*committed) return true;
  size_.held();
  counts.records += done->marks;
  counts.applied += done->documents;
  counts.dead_letters += (*committed)->dead_letters;
  ++counts.transactions;
  return true;
}

Result<std::optional<CommitResult>> SettleBench::commit(mongo::PartitionLane& lane, StagedGroup& group) {
  return patience_.wait([&]() -> Result<std::optional<CommitResult>> {
    auto committed = lane.commit(group);
    if (committed) return std::optional(std::move(*committed));
    if (!group.too_large() || !size_.halve()) return fail(std::move(committed).error());
    log::warn("{}; the lane goes on in smaller transactions, of up to {} documents",
              committed.error().message, size_.limits().rows);
    return std::optional<CommitResult>();
  });
}

}  // namespace penstock::library
