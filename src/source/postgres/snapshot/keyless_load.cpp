#include "source/postgres/snapshot/keyless_load.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/retry.h"
#include "source/postgres/snapshot/snapshot_source.h"

namespace penstock::postgres {
namespace {

constexpr std::chrono::milliseconds kAgain{5};

Status offer_until_taken(EventBatchPtr batch, std::stop_token stop, const Source::Offer& offer) {
  while (!offer(batch))
    if (!sleep_unless_stopped(stop, kAgain)) return fail(ErrorKind::kCancelled, "the load was stopped");
  return {};
}

}  // namespace

void KeylessLoad::add(const TableSelection& selection, TableCheckpoint checkpoint, bool load_nothing) {
  const std::string table = to_string(selection.table);
  if (checkpoint.state != LoadState::kLoaded && !load_nothing) due_.push_back(selection);
  checkpoint.table = table;
  checkpoints_[table] = std::move(checkpoint);
}

void KeylessLoad::mark(TableBook& tables) const {
  for (auto& [table, description] : tables) description.since = since(table);
}

// The position is kept as the "greatest key", which such a table does not have.
Lsn KeylessLoad::since(const std::string& table) const {
  const auto found = checkpoints_.find(table);
  if (found == checkpoints_.end() || !found->second.upper || found->second.upper->size() != 1) return {};
  const auto lsn = parse_lsn(found->second.upper->front());
  return lsn ? *lsn : Lsn{};
}

Status KeylessLoad::read(const SourceOptions& options, std::stop_token stop, const Source::Offer& offer) {
  const auto source = SnapshotSource::make({options.url, options.publication, due_, true});
  PENSTOCK_ASSIGN(const Lsn since, source->open(stop));
  std::map<std::string, std::uint64_t> rows;
  PENSTOCK_TRY(source->read(stop, [&](EventBatchPtr batch) -> Status {
    if (!batch->chunk) return {};
    batch->chunk->by_key = true;  // nothing of it is stored
    for (Event& event : batch->events) event.lsn = event.last_commit = since;
    rows[batch->chunk->table] += batch->events.size();
    return offer_until_taken(std::move(batch), stop, offer);
  }));
  for (const TableSelection& selection : due_) {
    TableCheckpoint& checkpoint = checkpoints_.at(to_string(selection.table));
    checkpoint.state = LoadState::kLoaded;
    checkpoint.load_id += 1;
    checkpoint.upper = KeyText{to_string(since)};
    auto step = std::make_shared<EventBatch>();
    step->step = LoadStep{checkpoint};
    PENSTOCK_TRY(offer_until_taken(std::move(step), stop, offer));
    log::info("table {}: read whole, {} rows: it has no key", checkpoint.table, rows[checkpoint.table]);
  }
  due_.clear();
  return {};
}

}  // namespace penstock::postgres
