// The scheduler's side that faces the sink: batches out, answers in.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "source/postgres/load/scheduler.h"

namespace penstock::postgres {
namespace {

LoadStage first_stage(const TableCheckpoint& checkpoint) {
  switch (checkpoint.state) {
    case LoadState::kPending:
      return LoadStage::kSettle;
    case LoadState::kLoading:
      return checkpoint.upper ? LoadStage::kResume : LoadStage::kChunks;
    case LoadState::kSweeping:
      return LoadStage::kSweep;
    case LoadState::kLoaded:
      break;
  }
  return LoadStage::kDone;
}

}  // namespace

void Scheduler::add(TableLoad load) {
  auto table = std::make_shared<TableWork>(std::move(load));
  {
    std::lock_guard lock(mutex_);
    table->stage = first_stage(table->checkpoint);
    for (const DoneChunk& chunk : table->checkpoint.done) {
      table->rows += chunk.rows;
      table->next_number = std::max(table->next_number, chunk.number + 1);
    }
    TableWorkPtr& place = tables_[table->name];
    const TableWorkPtr old = std::exchange(place, table);
    if (old) {
      old->replaced = true;
      if (old->checkpoint.load_id == table->checkpoint.load_id)
        table->next_number = std::max(table->next_number, old->next_number);
      for (Reread& row : old->rereads.pop_all()) table->rereads.push(std::move(row));
      drop_ready(*old);
    }
    const auto waiting = unknown_.extract(table->name);
    if (waiting)
      for (Reread& row : waiting.mapped()) table->rereads.push(std::move(row));
    // The sweep is asked for by a step; after a restart it is asked for again.
    if (table->stage == LoadStage::kSweep) push_step(*table, LoadState::kSweeping);
    if (table->stage == LoadStage::kChunks) finish_if_read(*table);
    notify();
  }
  wake_();
}

// Batches of the table as it was, which nobody has taken yet.
void Scheduler::drop_ready(const TableWork& old) {
  std::erase_if(ready_, [&](const EventBatchPtr& batch) {
    if (batch->step) return batch->step->table.table == old.name;
    if (batch->chunk->table != old.name || batch->chunk->load_id != old.checkpoint.load_id) return false;
    --under_way_;
    for (Reread& row : batch->chunk->answered) tables_.at(old.name)->rereads.push(std::move(row));
    return true;
  });
  ready_count_ = ready_.size();
}

namespace {

// `left_out`: indexes in rising order.
std::vector<Reread> all_but(std::vector<Reread> requests, const std::vector<std::uint32_t>& left_out) {
  std::vector<Reread> rest;
  auto next = left_out.begin();
  for (std::uint32_t i = 0; i < requests.size(); ++i) {
    if (next != left_out.end() && *next == i) {
      ++next;
    } else {
      rest.push_back(std::move(requests[i]));
    }
  }
  return rest;
}

}  // namespace

void Scheduler::ready(ChunkRead read, const std::vector<std::uint32_t>& again) {
  {
    std::lock_guard lock(mutex_);
    Job& job = read.job;
    TableWork& table = *job.table;
    if (table.replaced) {
      put_back(job);
      notify();
      return;
    }
    ChunkResult result;
    result.table = table.name;
    result.load_id = table.checkpoint.load_id;
    result.by_key = job.kind == Job::Kind::kReread;
    if (result.by_key) {
      for (const std::uint32_t request : again) table.rereads.push(job.requests[request]);
      result.answered = all_but(std::move(job.requests), again);
    } else {
      result.done = {job.number, std::move(job.range.from), std::move(job.range.to), read.rows.rows};
    }
    read.rows.batch->chunk = std::move(result);
    ready_.push_back(std::move(read.rows.batch));
    ready_count_ = ready_.size();
    notify();
  }
  wake_();
}

EventBatchPtr Scheduler::take() {
  if (ready_count_ == 0) return nullptr;
  std::lock_guard lock(mutex_);
  if (ready_.empty()) return nullptr;
  EventBatchPtr batch = std::move(ready_.front());
  ready_.pop_front();
  ready_count_ = ready_.size();
  return batch;
}

void Scheduler::committed(const ChunkResult& chunk) {
  std::lock_guard lock(mutex_);
  --under_way_;
  const auto found = tables_.find(chunk.table);
  if (found != tables_.end() && found->second->checkpoint.load_id == chunk.load_id) {
    TableWork& table = *found->second;
    // The same load described anew (a restart of the source's stream) has no such chunk under way.
    std::size_t& count = chunk.by_key ? table.rereads_under_way : table.chunks;
    if (count > 0) --count;
    if (!chunk.by_key) {
      table.rows += chunk.done.rows;
      finish_if_read(table);
    }
  }
  notify();
}

void Scheduler::reread(std::vector<Reread> rows) {
  std::lock_guard lock(mutex_);
  for (Reread& row : rows) {
    const auto found = tables_.find(row.table);
    if (found != tables_.end()) {
      found->second->rereads.push(std::move(row));
    } else {
      unknown_[row.table].push_back(std::move(row));
    }
  }
  notify();
}

void Scheduler::sweep_finished(const std::string& name) {
  std::lock_guard lock(mutex_);
  const auto found = tables_.find(name);
  if (found == tables_.end() || found->second->stage != LoadStage::kSweep) return;
  found->second->stage = LoadStage::kDone;
  push_step(*found->second, LoadState::kLoaded);
}

void Scheduler::finish_if_read(TableWork& table) {
  if (table.stage != LoadStage::kChunks || table.held || !table.gaps.empty() || table.chunks > 0) return;
  table.stage = table.checkpoint.sweep ? LoadStage::kSweep : LoadStage::kDone;
  push_step(table, table.checkpoint.sweep ? LoadState::kSweeping : LoadState::kLoaded);
}

void Scheduler::push_step(TableWork& table, LoadState state) {
  table.checkpoint.state = state;
  table.checkpoint.done.clear();  // stored one by one with their chunks
  auto batch = std::make_shared<EventBatch>();
  batch->step = LoadStep{table.checkpoint};
  batch->schemas.push_back(table.description.schema);  // a sweep needs to know the collections
  ready_.push_back(std::move(batch));
  ready_count_ = ready_.size();
  wake_();
}

bool Scheduler::done() const {
  std::lock_guard lock(mutex_);
  return ready_.empty() && under_way_ == 0 &&
         std::all_of(tables_.begin(), tables_.end(), [](const auto& entry) {
           return entry.second->stage == LoadStage::kDone && entry.second->rereads.empty();
         });
}

bool Scheduler::active(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto found = tables_.find(name);
  if (found == tables_.end()) return false;
  const TableWork& table = *found->second;
  return table.stage < LoadStage::kSweep || table.rereads_under_way > 0 || !table.rereads.empty();
}

std::vector<LoadProgress> Scheduler::progress() const {
  std::lock_guard lock(mutex_);
  std::vector<LoadProgress> all;
  for (const auto& [name, table] : tables_) {
    const bool finished = table->stage == LoadStage::kDone;
    all.push_back({name, table->rows, std::max(table->checkpoint.estimated_rows, table->rows), finished,
                   table->checkpoint.load_id});
  }
  return all;
}

}  // namespace penstock::postgres
