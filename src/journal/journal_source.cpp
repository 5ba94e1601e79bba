#include "journal/journal_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <utility>

#include "journal/event_codec.h"

namespace penstock::journal {
namespace {

constexpr std::size_t kProgressEvery = 64;  // blocks without a row of the tables

class JournalSource final : public Source {
 public:
  JournalSource(ReplayPlan plan, Loads loads) : plan_(std::move(plan)), loads_(loads) {}

  Result<Start> open(const Checkpoint& checkpoint) override;
  Status run(std::stop_token stop, const Offer& offer) override;
  void acknowledge(const Position&) override {}
  void chunk_committed(const ChunkResult&) override {}
  void reread(std::vector<Reread>) override {}
  void sweep_finished(const std::string&) override {}
  void reload(const std::string&) override {}
  Lsn end_at_start() const override { return plan_.until; }
  bool loads_done() const override { return done_; }
  std::vector<LoadProgress> progress() const override {
    return {{"journal", done_ ? plan_.events : read_.load(), plan_.events, done_}};
  }

 private:
  Status block(std::size_t index, const OutlinedBlock& block);
  Status learn(const std::string& payload);
  Status events(const std::string& payload);
  Status chunk(const std::string& payload);
  Status step(std::size_t index, const std::string& payload);
  Status give_step(const std::string& table, LoadState state);
  Status give(EventBatchPtr batch);
  void drop_empty_transactions(EventBatch& batch);
  void want(std::size_t index);
  void make_narrow(EventBatch& batch) const;
  Result<std::string> read(const OutlinedBlock& block);
  const TableReplay* replay_of(const std::string& table) const;

  const ReplayPlan plan_;
  const Loads loads_;
  std::atomic<std::uint64_t> read_{0};
  std::atomic<bool> done_{false};

  std::stop_token stop_;
  const Offer* offer_ = nullptr;
  std::optional<SegmentFile> file_;
  std::size_t segment_ = static_cast<std::size_t>(-1);
  std::vector<KnownShape> shapes_;          // of the segment
  std::vector<const TableReplay*> tables_;  // of each shape; null: none of the plan's
  // Of shapes with columns that the table does not have at the end.
  struct Narrow {
    std::shared_ptr<const TableSchema> schema;
    std::vector<std::size_t> columns;  // of the whole shape
  };
  std::map<const TableSchema*, Narrow> narrow_;
  std::map<std::string, std::uint64_t> load_ids_;
  Position position_;
  bool rows_in_transaction_ = false;
  bool past_the_end_ = false;
  std::size_t silent_ = 0;  // blocks since the last batch
};

Result<Source::Start> JournalSource::open(const Checkpoint&) {
  Start start;
  start.identity = plan_.outline.segments.back().begin.source;
  start.position.through_lsn =
      plan_.first_block < plan_.outline.blocks.size()
          ? plan_.outline.segments[plan_.outline.blocks[plan_.first_block].segment].position.through_lsn
          : plan_.until;
  position_ = start.position;
  return start;
}

Status JournalSource::run(std::stop_token stop, const Offer& offer) {
  stop_ = std::move(stop);
  offer_ = &offer;
  const auto& blocks = plan_.outline.blocks;
  // Shapes that rows of the first segment name may come before the first block.
  std::size_t index = plan_.first_block;
  while (index > 0 && index < blocks.size() && blocks[index - 1].segment == blocks[index].segment) --index;
  for (; index < blocks.size() && !past_the_end_; ++index) {
    if (stop_.stop_requested()) return {};
    PENSTOCK_TRY(block(index, blocks[index]));
  }
  auto end = std::make_shared<EventBatch>();
  Event& last = end->events.emplace_back();
  last.kind = EventKind::kProgress;
  last.position = position_;
  last.position.through_lsn = std::max(plan_.until, position_.through_lsn);
  PENSTOCK_TRY(give(std::move(end)));
  if (loads_ == Loads::kAtEnd)
    for (const TableReplay& table : plan_.tables) PENSTOCK_TRY(give_step(table.table, LoadState::kLoaded));
  done_ = !stop_.stop_requested();
  return {};
}

Status JournalSource::block(std::size_t index, const OutlinedBlock& block) {
  if (block.segment != segment_) {
    shapes_.clear();
    tables_.clear();
    narrow_.clear();
  }
  const BlockHeader& header = block.place.header;
  if (header.kind == BlockKind::kShape) {
    PENSTOCK_ASSIGN(const std::string payload, read(block));
    return learn(payload);
  }
  if (index < plan_.first_block) return {};
  const bool in_stream = header.kind == BlockKind::kEvents;
  if (!in_stream && header.position.through_lsn > plan_.until) {
    past_the_end_ = true;
    return {};
  }
  if (header.kind == BlockKind::kBroken) return {};
  want(index);
  PENSTOCK_ASSIGN(const std::string payload, read(block));
  Status outcome = in_stream                          ? events(payload)
                   : header.kind == BlockKind::kChunk ? chunk(payload)
                                                      : step(index, payload);
  read_ += header.events;
  if (in_stream && !past_the_end_ && !header.position.inside_transaction() &&
      header.position.through_lsn <= plan_.until)
    position_ = header.position;
  return outcome;
}

Result<std::string> JournalSource::read(const OutlinedBlock& block) {
  const std::string path = segment_path(plan_.outline.folder, plan_.outline.segments[block.segment].number);
  if (block.segment != segment_) {
    file_.reset();
    PENSTOCK_ASSIGN(auto file, SegmentFile::open(path));
    file_.emplace(std::move(file));
    segment_ = block.segment;
  }
  auto payload = file_->payload(block.place);
  if (payload) return std::move(*payload);
  return fail(ErrorKind::kInternal,
              fmt::format("the journal: {} is damaged at byte {}", path, block.place.offset),
              "use --as-of with a place before it, or load the tables anew: penstock resync PIPELINE");
}

const TableReplay* JournalSource::replay_of(const std::string& table) const {
  const auto found = std::find_if(plan_.tables.begin(), plan_.tables.end(),
                                  [&](const TableReplay& one) { return one.table == table; });
  return found == plan_.tables.end() ? nullptr : &*found;
}

// Columns that the table does not have at the end are unknown to the definitions: they are taken away, so
// that each shape is a part of the last one.
Status JournalSource::learn(const std::string& payload) {
  PENSTOCK_ASSIGN(TableSchema decoded, decode_schema(payload));
  const auto schema = std::make_shared<const TableSchema>(std::move(decoded));
  const TableReplay* table = replay_of(to_string(schema->table));
  shapes_.push_back({schema, false});
  tables_.push_back(table);
  if (table == nullptr) return {};
  Narrow narrow;
  auto left = std::make_shared<TableSchema>(*schema);
  left->columns.clear();
  left->key.clear();
  for (std::size_t i = 0; i < schema->columns.size(); ++i) {
    if (!table->schema->find(schema->columns[i].name)) continue;
    left->columns.push_back(schema->columns[i]);
    narrow.columns.push_back(i);
  }
  if (left->columns.size() == schema->columns.size()) return {};
  for (const std::uint16_t column : schema->key)
    if (const auto place = left->find(schema->columns[column].name)) left->key.push_back(*place);
  narrow.schema = std::move(left);
  narrow_[schema.get()] = std::move(narrow);
  return {};
}

void JournalSource::make_narrow(EventBatch& batch) const {
  if (narrow_.empty()) return;
  for (Event& event : batch.events) {
    const auto found = narrow_.find(event.schema);
    if (found == narrow_.end()) continue;
    const auto narrow = [&](const Value* row) -> const Value* {
      if (row == nullptr) return nullptr;
      auto* values = batch.arena.array<Value>(found->second.columns.size());
      for (std::size_t i = 0; i < found->second.columns.size(); ++i)
        values[i] = row[found->second.columns[i]];
      return values;
    };
    event.after = narrow(event.after);
    event.before = narrow(event.before);
    event.schema = found->second.schema.get();
    if (std::find(batch.schemas.begin(), batch.schemas.end(), found->second.schema) == batch.schemas.end())
      batch.schemas.push_back(found->second.schema);
  }
}

void JournalSource::want(std::size_t index) {
  for (std::size_t i = 0; i < shapes_.size(); ++i)
    shapes_[i].wanted = tables_[i] != nullptr && index >= tables_[i]->first_block;
}

Status JournalSource::events(const std::string& payload) {
  auto batch = std::make_shared<EventBatch>();
  const auto take = [&](const Event& event) {
    const bool progress = event.kind == EventKind::kProgress;
    past_the_end_ =
        progress ? event.position.through_lsn > plan_.until : event.position.commit_lsn >= plan_.until;
    if (!past_the_end_) position_ = event.position;
    return !past_the_end_;
  };
  if (!decode_events(payload, shapes_, take, *batch))
    return fail(ErrorKind::kInternal, "the journal " + plan_.outline.folder + " holds damaged events");
  drop_empty_transactions(*batch);
  if (!batch->events.empty()) return give(std::move(batch));
  if (++silent_ < kProgressEvery || position_.inside_transaction()) return {};
  Event& progress = batch->events.emplace_back();
  progress.kind = EventKind::kProgress;
  progress.position = position_;
  return give(std::move(batch));
}

void JournalSource::drop_empty_transactions(EventBatch& batch) {
  std::erase_if(batch.events, [this](const Event& event) {
    if (event.kind == EventKind::kCommit) return !std::exchange(rows_in_transaction_, false);
    if (event.schema == nullptr) return true;  // of pg_logical_emit_message
    rows_in_transaction_ = true;
    return false;
  });
}

Status JournalSource::chunk(const std::string& payload) {
  std::string_view bytes = payload;
  PENSTOCK_ASSIGN(ChunkResult result, decode_chunk(bytes));
  if (replay_of(result.table) == nullptr) return {};
  auto batch = std::make_shared<EventBatch>();
  batch->chunk = std::move(result);
  if (!decode_events(
          bytes, shapes_, [](const Event&) { return true; }, *batch))
    return fail(ErrorKind::kInternal, "the journal " + plan_.outline.folder + " holds a damaged chunk");
  for (Event& event : batch->events) event.position = Position();
  return give(std::move(batch));
}

Status JournalSource::step(std::size_t index, const std::string& payload) {
  PENSTOCK_ASSIGN(const StepRecord record, decode_step(payload));
  const TableReplay* table = replay_of(record.table.table);
  if (table == nullptr) return {};
  const auto planned = table->steps.find(index);
  if (planned == table->steps.end()) return {};
  if (planned->second != LoadState::kSweeping) {
    ++load_ids_[table->table];
    PENSTOCK_TRY(give_step(table->table, LoadState::kLoading));
  }
  if (planned->second == LoadState::kLoading) return {};
  return give_step(table->table, loads_ == Loads::kInPlace ? LoadState::kLoaded : LoadState::kSweeping);
}

// Without shapes: nobody is to look for documents without a row.
Status JournalSource::give_step(const std::string& table, LoadState state) {
  auto batch = std::make_shared<EventBatch>();
  batch->step.emplace();
  batch->step->table.table = table;
  batch->step->table.state = state;
  batch->step->table.load_id = load_ids_[table];
  return give(std::move(batch));
}

Status JournalSource::give(EventBatchPtr batch) {
  silent_ = 0;
  make_narrow(*batch);
  while (!(*offer_)(batch))
    if (stop_.stop_requested()) return {};
  return {};
}

}  // namespace

std::unique_ptr<Source> make_journal_source(ReplayPlan plan, Loads loads) {
  return std::make_unique<JournalSource>(std::move(plan), loads);
}

}  // namespace penstock::journal
