// Workers that share a pipeline: who owns a partition, what an owner before can still write, and what the
// next one finds.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "integration/sink_mongo/sink_fixture.h"
#include "sink/mongo/state/records.h"
#include "sink/mongo/worker/worker_sink.h"

namespace penstock::mongo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

const PartitionId kFirst{"shop.public.things", 0};
const PartitionId kSecond{"shop.public.things", 1};
const PartitionId kOther{"shop.public.others", 0};

class WorkersTest : public testing::SinkFixture {
 protected:
  void SetUp() override {
    SinkFixture::SetUp();
    auto clients = open_clients(options());
    ASSERT_TRUE(clients);
    clients_ = std::move(*clients);
  }
  void TearDown() override {
    clients_.reset();
    SinkFixture::TearDown();
  }
  Options shared() const {
    Options all = options();
    all.clients = clients_;
    all.from_topics = all.shared = true;
    return all;
  }
  static Shares shares_of(const std::vector<PartitionId>& partitions, const std::string& definition) {
    Shares shares;
    for (const PartitionId& one : partitions) shares[one] = {one.topic.substr(5), definition};
    return shares;
  }
  std::unique_ptr<DocumentSink> connect(const std::vector<PartitionId>& partitions,
                                        const std::string& definition = "d1") {
    auto sink = make_worker_sink(shared(), shares_of(partitions, definition));
    EXPECT_TRUE(sink) << sink.error().text();
    return std::move(*sink);
  }
  // In charge of the partitions; `places`: where they stand.
  std::unique_ptr<DocumentSink> take(const std::vector<PartitionId>& partitions, Places* places = nullptr) {
    auto sink = connect(partitions);
    const auto checkpoint = sink->take_over();
    EXPECT_TRUE(checkpoint) << checkpoint.error().text();
    if (checkpoint && places != nullptr) *places = checkpoint->places;
    const Status stored = sink->store_source({1, 0, "kafka c", ""}, Position{});
    EXPECT_TRUE(stored) << stored.error().text();
    return sink;
  }
  // A group that leads to `next` in a partition.
  WriteGroup at(const PartitionId& partition, std::int64_t next) {
    WriteGroup group = group_.take(static_cast<std::uint64_t>(++number_));
    group.places[partition].next = next;
    return group;
  }
  std::vector<std::string> lanes() {
    Find find;
    find.filter.put_text("kind", "worker");
    const auto found = connection_->find(database_, kPositions, find, nullptr, "testing");
    std::vector<std::string> ids;
    for (const Bson& lane : *found) ids.push_back(text_at(lane.get(), "_id").value_or(""));
    return ids;
  }
  std::string owner(const PartitionId& partition) {
    const Bson id = std::move(Bson().put("_id", shared_place_id("shop", partition)));
    return text_at(one(kOffsets, id).get(), "owner").value_or("");
  }
  static Status commit_to(DocumentSink& sink, WriteGroup group) {
    auto staged = sink.stage(std::move(group));
    return sink.lane(0).commit(**staged).map([](const auto&) {});
  }
  std::shared_ptr<Clients> clients_;
  int number_ = 0;
};

MATCHER_P(FailsAs, kind, "") { return !arg && arg.error().kind == kind; }

TEST_F(WorkersTest, the_next_owner_goes_on_where_the_one_before_was_and_that_one_writes_nothing_more) {
  const auto first = take({kFirst, kSecond});
  commit(*first, (group_.insert(1, "a", "x"), at(kFirst, 5)));
  Places places;
  const auto second = take({kSecond}, &places);
  EXPECT_THAT(places, IsEmpty()) << "nothing of the second partition is applied";
  EXPECT_THAT(commit_to(*first, (group_.insert(2, "b", "y"), at(kFirst, 6))), FailsAs(ErrorKind::kFenced))
      << "also in the partition that nobody took";
  EXPECT_THAT(commit_to(*first, at(kFirst, 7)), FailsAs(ErrorKind::kFenced)) << "without documents";
  const auto third = take({kFirst}, &places);
  EXPECT_EQ(places.at(kFirst).next, 5);
  commit(*third, (group_.insert(3, "c", "z"), at(kFirst, 6)));
  commit(*second, (group_.insert(4, "d", "w"), at(kSecond, 1)));
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x"), Pair(3, "c/z"), Pair(4, "d/w")));
}

TEST_F(WorkersTest, an_open_transaction_of_a_paused_worker_is_ended_by_the_next_owner) {
  const auto first = take({kFirst});
  const auto staged = first->stage((group_.insert(1, "a", "x"), at(kFirst, 5)));
  fail_command(R"({"times": 1})",
               R"({"failCommands": ["commitTransaction"], "blockConnection": true, "blockTimeMS": 3000})");
  Result<CommitResult> paused = fail(ErrorKind::kInternal, "not run");
  std::thread writer([&] { paused = first->lane(0).commit(**staged); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  Places places;
  const auto second = take({kFirst}, &places);
  commit(*second, (group_.insert(2, "b", "y"), at(kFirst, 6)));
  writer.join();
  if (paused) {  // it tried again before its lane was removed
    EXPECT_EQ(places.at(kFirst).next, 5);
    EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x"), Pair(2, "b/y")));
  } else {
    EXPECT_THAT(paused, FailsAs(ErrorKind::kFenced));
    EXPECT_THAT(places, IsEmpty());
    EXPECT_THAT(notes(), ElementsAre(Pair(2, "b/y")));
  }
}

TEST_F(WorkersTest, of_workers_that_take_over_at_once_one_owns_a_partition) {
  const auto before = take({kFirst, kSecond});
  commit(*before, (group_.insert(1, "a", "x"), at(kFirst, 5)));
  for (int round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<DocumentSink>> sinks;
    for (int i = 0; i < 4; ++i) sinks.push_back(connect({kFirst, kSecond}));
    std::vector<std::thread> threads;
    std::vector<ErrorKind> refused(sinks.size(), ErrorKind::kCancelled);
    for (std::size_t i = 0; i < sinks.size(); ++i)
      threads.emplace_back([&, i] {
        const auto checkpoint = sinks[i]->take_over();
        if (!checkpoint) refused[i] = checkpoint.error().kind;
      });
    for (auto& thread : threads) thread.join();
    std::size_t writers = 0;
    for (std::size_t i = 0; i < sinks.size(); ++i) {
      EXPECT_TRUE(refused[i] == ErrorKind::kCancelled || refused[i] == ErrorKind::kFenced);
      if (refused[i] == ErrorKind::kCancelled && commit_to(*sinks[i], at(kFirst, 10 + round))) ++writers;
    }
    EXPECT_LE(writers, 1U);
  }
  Places places;
  const auto after = take({kFirst, kSecond}, &places);
  EXPECT_GE(places.at(kFirst).next, 5);
  EXPECT_EQ(owner(kFirst), owner(kSecond));
  EXPECT_THAT(lanes(), ElementsAre(owner(kFirst))) << "nothing is left of those that lost";
}

TEST_F(WorkersTest, a_worker_that_died_in_its_take_over_is_in_nobodys_way) {
  const auto first = take({kFirst, kSecond});
  commit(*first, (group_.insert(1, "a", "x"), at(kFirst, 5)));
  // Each statement of a take-over is the last one of some worker.
  for (int statements = 1; statements < 8; ++statements) {
    auto dies = connect({kFirst, kSecond});
    fail_command(R"({"skip": )" + std::to_string(statements) + "}",
                 R"({"failCommands": ["update", "delete"], "closeConnection": true})");
    const auto checkpoint = dies->take_over();
    no_fail_command();
    if (checkpoint) break;
    EXPECT_EQ(checkpoint.error().kind, ErrorKind::kMongoUnavailable) << checkpoint.error().text();
  }
  Places places;
  const auto next = take({kFirst, kSecond}, &places);
  EXPECT_EQ(places.at(kFirst).next, 5);
  EXPECT_THAT(commit_to(*first, at(kFirst, 6)), FailsAs(ErrorKind::kFenced));
  commit(*next, (group_.insert(2, "b", "y"), at(kFirst, 6)));
}

TEST_F(WorkersTest, a_primary_that_steps_down_in_the_middle_leaves_one_owner) {
  const auto first = take({kFirst});
  commit(*first, (group_.insert(1, "a", "x"), at(kFirst, 5)));
  const auto second = connect({kFirst});
  // The server does it and says that it is no primary any more.
  fail_command(R"({"times": 3})",
               R"({"failCommands": ["update", "delete"],
                   "writeConcernError": {"code": 11602, "errmsg": "stepped down"}})");
  const auto checkpoint = second->take_over();
  no_fail_command();
  if (!checkpoint) {
    EXPECT_EQ(checkpoint.error().kind, ErrorKind::kMongoUnavailable) << checkpoint.error().text();
  }
  Places places;
  const auto third = take({kFirst}, &places);
  EXPECT_EQ(places.at(kFirst).next, 5);
  EXPECT_THAT(commit_to(*first, at(kFirst, 6)), FailsAs(ErrorKind::kFenced));
  EXPECT_THAT(commit_to(*second, at(kFirst, 6)),
              FailsAs(checkpoint ? ErrorKind::kFenced : ErrorKind::kInternal));
  commit(*third, (group_.insert(2, "b", "y"), at(kFirst, 6)));
}

TEST_F(WorkersTest, lanes_that_own_nothing_are_forgotten_once_they_are_old) {
  json_command(database_, R"({"insert": "penstock_positions", "documents": [
      {"_id": "shop/worker-old", "pipeline": "shop", "kind": "worker", "epoch": 1,
       "taken_over_at": {"$date": "2020-01-01T00:00:00Z"}}]})");
  const auto sink = take({kFirst});
  EXPECT_THAT(lanes(), ElementsAre(owner(kFirst)));
}

TEST_F(WorkersTest, partitions_of_a_table_go_back_for_rows_that_were_not_read_again) {
  const auto first = take({kFirst, kSecond, kOther});
  commit(*first, (group_.insert(1, "a", "x"), at(kFirst, 5)));
  commit(*first, at(kOther, 5));
  EXPECT_THAT(commit(*first, (group_.patch(9, "n", {}), at(kFirst, 6))).rereads, SizeIs(1));
  commit(*first, at(kFirst, 7));
  commit(*first, at(kOther, 7));
  const auto reader = open_reader();
  auto checkpoint = reader->read_checkpoint();
  ASSERT_TRUE(checkpoint && checkpoint->shared);
  EXPECT_THAT(checkpoint->rereads, IsEmpty()) << "they are no concern of whoever writes the read models";
  EXPECT_THAT(checkpoint->shared->rereads, SizeIs(1));

  Places places;
  const auto second = take({kSecond, kOther}, &places);
  EXPECT_EQ(places.at(kOther).next, 7) << "another table";
  checkpoint = reader->read_checkpoint();
  EXPECT_THAT(checkpoint->shared->rereads, SizeIs(1)) << "the row may lie in the first partition";
  const auto third = take({kFirst}, &places);
  EXPECT_EQ(places.at(kFirst).next, 5) << "before the record that asked";
  checkpoint = reader->read_checkpoint();
  EXPECT_THAT(checkpoint->shared->rereads, IsEmpty()) << "it will be met again";
  EXPECT_EQ(checkpoint->shared->partitions.at(kFirst).place->next, 5);

  const auto again = commit(*third, (group_.patch(9, "n", {}), at(kFirst, 6)));
  ASSERT_THAT(again.rereads, SizeIs(1));
  WriteGroup answer = group_.replace(9, "n", "z").take();
  answer.chunk = ChunkResult{"public.things", 0, {}, true, again.rereads};
  commit(*third, std::move(answer));
  take({kFirst}, &places);
  EXPECT_EQ(places.at(kFirst).next, 6) << "answered: no going back";
}

TEST_F(WorkersTest, another_definition_begins_its_partitions_anew) {
  const auto first = take({kFirst, kSecond});
  commit(*first, at(kFirst, 5));
  commit(*first, at(kSecond, 5));
  const auto changed = connect({kFirst}, "d2");
  const auto checkpoint = changed->take_over();
  ASSERT_TRUE(checkpoint);
  EXPECT_THAT(checkpoint->places, IsEmpty());
  Places places;
  take({kSecond}, &places);
  EXPECT_EQ(places.at(kSecond).next, 5);
}

TEST_F(WorkersTest, places_of_another_group_are_stored_once_and_gone_on_with) {
  const Options options = shared();
  auto begun = workers_have_begun(options);
  ASSERT_TRUE(begun);
  EXPECT_FALSE(*begun);
  const Shares shares = shares_of({kFirst, kSecond}, "d1");
  for (const std::int64_t next : {7, 8})  // the second one was slower: somebody may have gone on
    ASSERT_TRUE(begin_workers_at(options, shares, {{kFirst, Place{next, -1, {}, {}, {}}}}, "kafka c"));
  begun = workers_have_begun(options);
  EXPECT_TRUE(*begun);
  EXPECT_THAT(begin_workers_at(options, shares, {}, "kafka other"), FailsAs(ErrorKind::kDivergence));
  Places places;
  take({kFirst, kSecond}, &places);
  EXPECT_THAT(places, ElementsAre(Pair(kFirst, Place{7, -1, {}, {}, {}})));
}

TEST_F(WorkersTest, one_writer_and_workers_refuse_what_the_others_began) {
  {
    const auto worker = take({kFirst});
    auto alone = make_sink(options());
    EXPECT_THAT((*alone)->take_over(), FailsAs(ErrorKind::kConfiguration));
    auto models = make_sink(shared());
    EXPECT_TRUE((*models)->take_over()) << "whoever writes the read models beside the workers";
  }
  ASSERT_TRUE(open_reader()->drop_state());
  open_sink();
  EXPECT_THAT(connect({kFirst})->take_over(), FailsAs(ErrorKind::kConfiguration));
}

}  // namespace
}  // namespace penstock::mongo
