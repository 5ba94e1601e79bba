// One writer: who may write, who may not any more, and what a new writer finds.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "integration/sink_mongo/sink_fixture.h"
#include "sink/mongo/lease/process_identity.h"

namespace penstock::mongo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using Clock = std::chrono::steady_clock;

class TakeoverTest : public testing::SinkFixture {
 protected:
  std::unique_ptr<DocumentSink> connect() {
    auto sink = make_sink(options());
    EXPECT_TRUE(sink) << sink.error().text();
    return std::move(*sink);
  }
  // A lease that `holder` has and nobody renews.
  void plant_lease(const ProcessIdentity& holder) {
    Bson document;
    document.put_text("_id", "shop/lease").put_text("pipeline", "shop").put_text("kind", "lease");
    document.put_text("owner", "planted").put_text("host", holder.host).put_text("machine", holder.machine);
    document.put_long("pid", holder.pid).put_long("started", holder.started).put_long("renewals", 5);
    BsonList documents;
    documents.add(document);
    command(database_, Bson().put_text("insert", kPositions).put_array("documents", documents.elements()));
  }
  double seconds_to_lead(DocumentSink& sink) {
    const auto begin = Clock::now();
    const Status led = sink.lead(std::stop_token());
    EXPECT_TRUE(led) << led.error().text();
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }
};

TEST_F(TakeoverTest, a_new_writer_goes_on_where_the_old_one_was) {
  {
    const auto first = open_sink();
    commit(*first, group_.insert(1, "a", "x").patch(9, "n", {}).take(100));
  }
  const auto second = connect();
  const auto checkpoint = second->take_over();
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_TRUE(checkpoint->exists);
  EXPECT_EQ(checkpoint->epoch, 2U);
  EXPECT_EQ(checkpoint->position, (Position{Lsn{100}, 2, Lsn{108}}));
  EXPECT_EQ(checkpoint->source.slot, "slot");
  EXPECT_EQ(checkpoint->rereads.size(), 1U);
  EXPECT_THAT(checkpoint->occupied, ElementsAre("things"));
  commit(*second, group_.insert(2, "b", "y").take(200));
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x"), Pair(2, "b/y")));
}

TEST_F(TakeoverTest, a_pipeline_that_never_ran_has_no_checkpoint) {
  const auto sink = connect();
  const auto checkpoint = sink->take_over();
  ASSERT_TRUE(checkpoint);
  EXPECT_FALSE(checkpoint->exists);
  EXPECT_THAT(checkpoint->occupied, IsEmpty());
}

TEST_F(TakeoverTest, the_old_writer_can_write_nothing_any_more) {
  const auto first = open_sink();
  commit(*first, group_.insert(1, "a", "x").take(100));
  const auto second = open_sink();
  const auto stream = first->stage(group_.insert(2, "b", "y").take(200));
  const auto position = first->stage(group_.take(300));
  WriteGroup chunk_group = group_.insert(3, "c", "z").take();
  chunk_group.chunk = ChunkResult{"public.things", 1, DoneChunk{0, std::nullopt, {"5"}, 1}, false, {}};
  const auto chunk = first->stage(std::move(chunk_group));
  const auto clear = first->stage(group_.clear().take(400));
  for (const auto& [staged, lane] : {std::pair(&stream, 0U), {&position, 0U}, {&chunk, 1U}, {&clear, 0U}}) {
    const auto done = first->lane(lane).commit(***staged);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::kFenced) << done.error().text();
  }
  const Status stored = first->store_source({}, {});
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().kind, ErrorKind::kFenced);
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x")));
  commit(*second, group_.insert(4, "d", "w").take(500));
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x"), Pair(4, "d/w")));
}

TEST_F(TakeoverTest, an_open_transaction_of_a_paused_writer_does_not_hold_the_next_one_up) {
  const auto first = open_sink();
  const auto staged = first->stage(group_.insert(1, "a", "x").take(100));
  // The writer stops between its writes and its commit, as a SIGSTOP would make it.
  fail_command(R"({"times": 1})",
               R"({"failCommands": ["commitTransaction"], "blockConnection": true, "blockTimeMS": 8000})");
  Result<CommitResult> paused = fail(ErrorKind::kInternal, "not run");
  std::thread writer([&] { paused = first->lane(0).commit(**staged); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const auto begin = Clock::now();
  const auto second = open_sink();
  const double took = std::chrono::duration<double>(Clock::now() - begin).count();
  EXPECT_LT(took, 3.0);
  commit(*second, group_.insert(2, "b", "y").take(100));
  writer.join();
  ASSERT_FALSE(paused);
  EXPECT_EQ(paused.error().kind, ErrorKind::kFenced) << paused.error().text();
  EXPECT_THAT(notes(), ElementsAre(Pair(2, "b/y")));
}

TEST_F(TakeoverTest, the_lease_is_free_when_nobody_has_it_or_it_was_released) {
  const auto first = connect();
  EXPECT_LT(seconds_to_lead(*first), 1.0);
  const auto reader = open_reader();
  const auto view = reader->read_lease();
  ASSERT_TRUE(view && view->has_value());
  EXPECT_EQ((*view)->pid, getpid());
  EXPECT_FALSE((*view)->released);
  auto second = connect();
  std::atomic<bool> led = false;
  std::thread standby([&] {
    EXPECT_TRUE(second->lead(std::stop_token()));
    led = true;
  });
  std::this_thread::sleep_for(std::chrono::seconds(6));
  EXPECT_FALSE(led) << "the holder lives and renews";
  const_cast<std::unique_ptr<DocumentSink>&>(first).reset();
  standby.join();
  EXPECT_TRUE(led);
}

TEST_F(TakeoverTest, a_dead_process_of_this_machine_loses_the_lease_at_once) {
  ProcessIdentity dead = this_process();
  const pid_t child = fork();
  if (child == 0) _exit(0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  dead.pid = child;
  plant_lease(dead);
  EXPECT_LT(seconds_to_lead(*connect()), 1.0);
}

TEST_F(TakeoverTest, a_holder_elsewhere_loses_it_after_five_seconds_of_silence) {
  plant_lease(ProcessIdentity{"elsewhere", "another boot", 1, 1});
  const double took = seconds_to_lead(*connect());
  EXPECT_GT(took, 4.5);
  EXPECT_LT(took, 8.0);
}

TEST_F(TakeoverTest, a_standby_can_be_stopped) {
  plant_lease(ProcessIdentity{"elsewhere", "another boot", 1, 1});
  const auto sink = connect();
  std::stop_source stop;
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    stop.request_stop();
  });
  const Status led = sink->lead(stop.get_token());
  stopper.join();
  ASSERT_FALSE(led);
  EXPECT_EQ(led.error().kind, ErrorKind::kCancelled);
}

TEST_F(TakeoverTest, collections_that_cannot_hold_the_documents_are_refused) {
  const auto refused = [&](const char* setup, const char* word) {
    command(database_, Bson().put_int("dropDatabase", 1));
    json_command(database_, setup);
    const auto checkpoint = connect()->take_over();
    ASSERT_FALSE(checkpoint) << setup;
    EXPECT_EQ(checkpoint.error().kind, ErrorKind::kConfiguration);
    EXPECT_THAT(checkpoint.error().message, HasSubstr(word));
    EXPECT_FALSE(checkpoint.error().remedy.empty());
  };
  refused(R"({"create": "things", "collation": {"locale": "en", "strength": 1}})", "collation");
  refused(R"({"create": "things", "capped": true, "size": 100000})", "capped");
  refused(R"({"create": "things", "viewOn": "others", "pipeline": []})", "view");
  refused(R"({"createIndexes": "things", "indexes": [{"key": {"a": 1}, "name": "a_1", "unique": true}]})",
          "a_1");
}

TEST_F(TakeoverTest, indexes_are_created_and_unique_ones_refused) {
  Options with = options();
  with.collections[0].indexes.push_back({"", {{"name", "1"}, {"note", "-1"}}, R"({"sparse": true})"});
  with.collections[0].indexes.push_back({"words", {{"note", "text"}}, ""});
  const auto sink = open_sink(with);
  const auto reply =
      connection_->read(database_, Bson().put_text("listIndexes", "things"), nullptr, "testing");
  ASSERT_TRUE(reply);
  std::vector<std::string> names;
  for (const Bson& index : documents_at(reply->get(), "cursor.firstBatch")) {
    names.push_back(*text_at(index.get(), "name"));
  }
  EXPECT_THAT(names, ElementsAre("_id_", "name_1_note_-1", "words"));
  with.collections[0].indexes[0].options_json = R"({"unique": true})";
  auto unique = make_sink(with);
  ASSERT_TRUE(unique);
  EXPECT_FALSE((*unique)->take_over());
}

TEST_F(TakeoverTest, passwords_are_never_shown) {
  Options secret = options();
  secret.uri = "mongodb://bob:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=300";
  const auto away = make_sink(secret);
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().kind, ErrorKind::kMongoUnavailable);
  EXPECT_EQ(away.error().text().find("hunter2"), std::string::npos);
  secret.uri = "mongodb://bob:hunter2@@@";
  const auto wrong = make_sink(secret);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::kConfiguration);
  EXPECT_EQ(wrong.error().text().find("hunter2"), std::string::npos) << wrong.error().text();
}

}  // namespace
}  // namespace penstock::mongo
