#include "pipeline/group_builder.h"

#include <algorithm>
#include <utility>

namespace penstock {
namespace {

// What an event holds of its batch, roughly: batches are made of events of like size.
std::size_t share_of(const EventBatch& batch) {
  return batch.bytes() / std::max<std::size_t>(batch.events.size(), 1);
}

}  // namespace

WriteGroup GroupBuilder::take() {
  full_ = false;
  group_rows_ = 0;
  return std::exchange(group_, WriteGroup{});
}

void GroupBuilder::keep(const EventBatchPtr& batch) {
  if (group_.batches.empty() || group_.batches.back() != batch) group_.batches.push_back(batch);
}

// Ahead of the batch's events: earlier than their position does no harm, later would lose them.
void GroupBuilder::take_rejected(EventBatch& batch) {
  for (RejectedRecord& record : batch.rejected) {
    group_.bytes += record.bytes();
    group_.rejected_records.push_back(std::move(record));
  }
  batch.rejected.clear();
  full_ = full_ || group_.bytes >= limits_.bytes;
}

Result<std::size_t> GroupBuilder::add(const EventBatchPtr& batch, std::size_t first) {
  const std::size_t share = share_of(*batch);
  if (!batch->rejected.empty()) take_rejected(*batch);
  if (full_) return first;
  for (std::size_t i = first; i < batch->events.size(); ++i) {
    const Event& event = batch->events[i];
    if (event.kind == EventKind::kProgress) {
      group_.position = event.position;
      continue;
    }
    if (event.kind == EventKind::kCommit) {
      // The open transaction does not fit beside what is there: it goes first, and this event is offered
      // again.
      if (group_rows_ > 0 && group_rows_ + open_rows_ > limits_.split_rows) {
        full_ = true;
        return i;
      }
      PENSTOCK_TRY(finish_transaction(event));
      if (full_) return i + 1;
      continue;
    }
    if (open_rows_ >= limits_.split_rows || open_bytes_ >= limits_.split_bytes) {
      if (group_rows_ > 0) {
        full_ = true;
        return i;
      }
      const Range& last = open_.back();
      // Only the commit says where partitions stand: until it comes, a part is written without a position.
      const bool has_places = !batch->reached.empty();
      PENSTOCK_TRY(project_open(
          true, has_places ? std::nullopt : std::optional(last.batch->events[last.last - 1].position)));
      full_ = true;
      return i;
    }
    if (open_.empty() || open_.back().batch != batch || open_.back().last != i)
      open_.push_back({batch, i, i});
    open_.back().last = i + 1;
    ++open_rows_;
    open_bytes_ += share;
  }
  return batch->events.size();
}

Status GroupBuilder::project_open(bool splitting, const std::optional<Position>& position) {
  for (const Range& range : open_) {
    PENSTOCK_TRY(projector_.project(*range.batch, range.first, range.last, group_));
    keep(range.batch);
  }
  group_rows_ += open_rows_;
  group_.rows = group_rows_;
  group_.bytes += open_bytes_;
  if (position) group_.position = position;
  group_.splits_transaction = group_.splits_transaction || splitting;
  open_.clear();
  open_rows_ = 0;
  open_bytes_ = 0;
  return {};
}

Status GroupBuilder::finish_transaction(const Event& commit) {
  PENSTOCK_TRY(project_open(false, commit.position));
  if (commit.reached != nullptr) merge(group_.places, *commit.reached);
  ++group_.transactions;
  group_.last_commit_micros = commit.commit_micros;
  full_ = group_rows_ >= limits_.rows || group_.bytes >= limits_.bytes ||
          projector_.documents_due() >= limits_.rows;
  return {};
}

}  // namespace penstock
