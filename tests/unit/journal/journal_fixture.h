// Streams made by hand, and journals of them in a folder that goes with the test.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "journal/journal_source.h"
#include "journal/replay_plan.h"
#include "journal/writer.h"

namespace penstock::journal {

inline std::shared_ptr<const TableSchema> table_of(const std::string& name, std::vector<Column> more = {}) {
  auto schema = std::make_shared<TableSchema>();
  schema->table = {"public", name};
  schema->columns.push_back({"id", 23, -1, "integer", 23, true});
  for (Column& column : more) schema->columns.push_back(std::move(column));
  schema->key = {0};
  return schema;
}

// A transaction whose COMMIT stands at `commit`.
struct Transaction {
  std::uint64_t commit = 0;
  std::vector<int> ids;  // rows inserted
  std::int64_t micros = 0;
  bool whole = true;
};

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    std::string path = (std::filesystem::temp_directory_path() / "penstock-journal-XXXXXX").string();
    folder_ = mkdtemp(path.data());
    options_.folder = folder_ + "/journal";
    options_.pipeline = "p";
  }
  ~JournalTest() override { std::filesystem::remove_all(folder_); }

  EventBatchPtr stream(const std::vector<Transaction>& transactions) {
    auto batch = std::make_shared<EventBatch>();
    batch->schemas.push_back(table_);
    for (const Transaction& one : transactions) {
      std::uint64_t ordinal = 0;
      for (const int id : one.ids) {
        Event& event = batch->events.emplace_back();
        event.kind = EventKind::kInsert;
        event.schema = table_.get();
        auto* row = batch->arena.array<Value>(table_->columns.size());
        row[0] = std::int32_t{id};
        event.after = row;
        event.position = {Lsn{one.commit}, ++ordinal, Lsn{through_}};
        event.commit_micros = one.micros;
      }
      if (!one.whole) continue;
      Event& commit = batch->events.emplace_back();
      through_ = one.commit + 8;
      commit.position = {Lsn{one.commit}, ordinal, Lsn{through_}};
      commit.commit_micros = one.micros;
    }
    return batch;
  }

  EventBatchPtr chunk(const std::vector<int>& ids, std::uint64_t load = 1, std::uint64_t number = 0) const {
    auto batch = std::make_shared<EventBatch>();
    batch->schemas.push_back(table_);
    batch->chunk.emplace();
    batch->chunk->table = "public.t";
    batch->chunk->load_id = load;
    batch->chunk->done = {number, std::nullopt, {std::to_string(ids.back())}, ids.size()};
    for (const int id : ids) {
      Event& event = batch->events.emplace_back();
      event.kind = EventKind::kLoad;
      event.schema = table_.get();
      auto* row = batch->arena.array<Value>(table_->columns.size());
      row[0] = std::int32_t{id};
      event.after = row;
    }
    return batch;
  }

  EventBatchPtr step(LoadState state, std::uint64_t load = 1) const {
    auto batch = std::make_shared<EventBatch>();
    batch->schemas.push_back(table_);
    batch->step.emplace();
    batch->step->table.table = "public.t";
    batch->step->table.state = state;
    batch->step->table.load_id = load;
    batch->step->table.upper = KeyText{"9"};
    return batch;
  }

  void begin(Writer& writer, const std::string& gap = {}) {
    ASSERT_TRUE(writer.begin({77, 1, "slot", "publication"}, {{}, 0, Lsn{through_}}, gap));
  }
  void add(Writer& writer, const std::vector<EventBatchPtr>& batches) {
    for (const auto& batch : batches) ASSERT_TRUE(writer.add(*batch));
    ASSERT_TRUE(writer.sync());
  }
  std::unique_ptr<Writer> open() {
    auto writer = Writer::open(options_);
    EXPECT_TRUE(writer) << writer.error().text();
    return writer ? std::move(*writer) : nullptr;
  }
  // A load of the rows 1 and 2, and then a transaction with row 3.
  void write_load(Writer& writer, std::uint64_t load = 1) {
    add(writer, {step(LoadState::kLoading, load), chunk({1, 2}, load), step(LoadState::kLoaded, load)});
  }

  Result<ReplayPlan> plan(const AsOf& as_of = {}) const {
    auto found = outline(options_.folder, Tail::kVerified);
    if (!found) return fail(found.error());
    return plan_replay(std::move(*found), {"public.t"}, as_of);
  }

  // Everything that a replay gives, in short: "load 1", "row 1", "insert 3", "commit 100", "loaded".
  std::vector<std::string> replayed(const AsOf& as_of = {}, Loads loads = Loads::kAtEnd) {
    auto made = plan(as_of);
    if (!made) return {made.error().text()};
    auto source = make_journal_source(std::move(*made), loads);
    EXPECT_TRUE(source->open(Checkpoint{}));
    std::vector<std::string> said;
    const Status outcome = source->run({}, [&](EventBatchPtr& batch) {
      describe(*batch, said);
      return true;
    });
    EXPECT_TRUE(outcome) << outcome.error().text();
    EXPECT_TRUE(source->loads_done());
    return said;
  }

  static void describe(const EventBatch& batch, std::vector<std::string>& said) {
    static const char* const kStates[] = {"pending", "load ", "sweep", "loaded"};
    if (batch.step) {
      const TableCheckpoint& table = batch.step->table;
      std::string text = kStates[static_cast<int>(table.state)];
      if (table.state == LoadState::kLoading) text += std::to_string(table.load_id);
      said.push_back(text);
    }
    for (const Event& event : batch.events) {
      if (event.kind == EventKind::kCommit)
        said.push_back("commit " + std::to_string(event.position.commit_lsn.value));
      if (event.kind == EventKind::kInsert) said.push_back("insert " + to_text(event.after[0]));
      if (event.kind == EventKind::kLoad) said.push_back("row " + to_text(event.after[0]));
    }
  }

  std::string last_segment() const {
    const auto numbers = list_segments(options_.folder);
    return segment_path(options_.folder, numbers->back());
  }

  std::string folder_;
  Options options_;
  std::shared_ptr<const TableSchema> table_ = table_of("t");
  std::uint64_t through_ = 50;
};

}  // namespace penstock::journal
