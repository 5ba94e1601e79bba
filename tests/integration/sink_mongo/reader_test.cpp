// What status, wait, resync, teardown and the sweep read.
#include "sink/mongo/reader.h"

#include <gmock/gmock.h>

#include <thread>

#include "integration/sink_mongo/sink_fixture.h"

namespace penstock::mongo {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReaderTest : public testing::SinkFixture {
 protected:
  void store_table(DocumentSink& sink, LoadState state, std::uint64_t load_id = 1) {
    TableCheckpoint table;
    table.table = "public.things";
    table.state = state;
    table.load_id = load_id;
    WriteGroup group;
    group.step = LoadStep{table};
    commit(sink, std::move(group));
  }
};

TEST_F(ReaderTest, waits_until_the_position_includes_the_lsn) {
  const auto sink = open_sink();
  const auto reader = open_reader();
  commit(*sink, group_.take(100));
  EXPECT_EQ(*reader->wait_for(Lsn{108}, milliseconds(0), {}), true);
  EXPECT_EQ(*reader->wait_for(Lsn{109}, milliseconds(100), {}), false);
  std::thread later([&] {
    std::this_thread::sleep_for(milliseconds(200));
    commit(*sink, group_.insert(1, "a", "x").take(200));
  });
  EXPECT_EQ(*reader->wait_for(Lsn{208}, milliseconds(5000), {}), true);
  later.join();
  EXPECT_EQ(notes().size(), 1U);
}

TEST_F(ReaderTest, a_wait_is_not_answered_while_a_table_is_loading) {
  const auto sink = open_sink();
  const auto reader = open_reader();
  commit(*sink, group_.take(100));
  for (const LoadState state : {LoadState::kPending, LoadState::kLoading, LoadState::kSweeping}) {
    store_table(*sink, state);
    EXPECT_EQ(*reader->includes(Lsn{100}), false) << static_cast<int>(state);
  }
  store_table(*sink, LoadState::kLoaded);
  EXPECT_EQ(*reader->includes(Lsn{100}), true);
}

TEST_F(ReaderTest, a_wait_for_an_earlier_lsn_ignores_later_re_reads) {
  const auto sink = open_sink();
  const auto reader = open_reader();
  commit(*sink, group_.at(150).patch(1, "a", {}).take(200));
  EXPECT_EQ(*reader->includes(Lsn{149}), true);
  EXPECT_EQ(*reader->includes(Lsn{150}), false);
  EXPECT_EQ(*reader->includes(Lsn{180}), false);
}

TEST_F(ReaderTest, describes_the_server_and_its_rights) {
  const auto reader = open_reader();
  const auto server = reader->describe();
  ASSERT_TRUE(server);
  EXPECT_EQ(server->kind, "replica set");
  EXPECT_TRUE(server->transactions);
  EXPECT_FALSE(server->version.empty());
  EXPECT_TRUE(reader->probe_writes());
}

TEST_F(ReaderTest, counts_documents) {
  const auto sink = open_sink();
  commit(*sink, group_.insert(1, "a", "x").insert(2, "b", "y").take(100));
  const auto reader = open_reader();
  EXPECT_EQ(*reader->count("things", true), 2U);
  EXPECT_EQ(*reader->count("things", false), 2U);
  EXPECT_EQ(*reader->count("nowhere", true), 0U);
  EXPECT_EQ(*reader->count("nowhere", false), 0U);
}

TEST_F(ReaderTest, a_resync_of_a_table_is_asked_for_until_it_has_begun) {
  const auto sink = open_sink();
  const auto reader = open_reader();
  const Status unknown = reader->request_resync("public.things");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::kConfiguration);
  store_table(*sink, LoadState::kLoaded, 1);
  EXPECT_THAT(sink->requests()->resyncs, IsEmpty());
  ASSERT_TRUE(reader->request_resync("public.things"));
  EXPECT_THAT(sink->requests()->resyncs, ElementsAre("public.things"));
  EXPECT_THAT(sink->requests()->resyncs, IsEmpty()) << "said once";
  EXPECT_EQ(reader->read_checkpoint()->tables.at("public.things").state, LoadState::kPending);
  store_table(*sink, LoadState::kLoaded, 1);  // a step of the load before
  EXPECT_EQ(reader->read_checkpoint()->tables.at("public.things").state, LoadState::kPending);
  store_table(*sink, LoadState::kLoading, 2);
  EXPECT_EQ(reader->read_checkpoint()->tables.at("public.things").state, LoadState::kLoading);
}

TEST_F(ReaderTest, a_resync_of_everything_waits_for_the_next_start) {
  const auto reader = open_reader();
  EXPECT_FALSE(reader->request_restart());
  {
    const auto sink = open_sink();
    commit(*sink, group_.patch(1, "a", {}).take(100));
    ASSERT_TRUE(reader->request_restart());
    commit(*sink, group_.insert(2, "b", "y").take(200));
  }
  auto sink = make_sink(options());
  ASSERT_TRUE(sink);
  const auto checkpoint = (*sink)->take_over();
  ASSERT_TRUE(checkpoint);
  EXPECT_TRUE(checkpoint->restart);
  EXPECT_EQ(checkpoint->rereads.size(), 1U);
  EXPECT_EQ(*reader->includes(Lsn{100}), false);
  ASSERT_TRUE((*sink)->store_source({1, 1, "slot", "print"}, Position{{}, 0, Lsn{50}}));
  const auto after = reader->read_checkpoint();
  EXPECT_FALSE(after->restart);
  EXPECT_THAT(after->rereads, IsEmpty());
  EXPECT_EQ(after->position, (Position{{}, 0, Lsn{50}}));
}

TEST_F(ReaderTest, a_new_timeline_keeps_the_re_reads) {
  const auto sink = open_sink();
  commit(*sink, group_.patch(1, "a", {}).take(100));
  ASSERT_TRUE(sink->store_source({1, 2, "slot", "print"}, Position{Lsn{100}, 1, Lsn{108}}));
  const auto reader = open_reader();
  EXPECT_EQ(reader->read_checkpoint()->rereads.size(), 1U);
  EXPECT_EQ(reader->read_checkpoint()->source.timeline, 2U);
  commit(*sink, group_.insert(1, "a", "x").take(200));
}

TEST_F(ReaderTest, the_sweep_sees_every_id_of_every_type_once) {
  const auto sink = open_sink();
  for (int i = 0; i < 25; ++i) group_.insert(i, "a", "x");
  commit(*sink, group_.take(100));
  json_command(database_,
               R"({"insert": "things", "documents": [{"_id": {"$timestamp": {"t": 1, "i": 1}}}]})");
  std::vector<std::string> keys;
  std::string after;
  for (;;) {
    const auto page = sink->sweep(shape_, after, 10);
    ASSERT_TRUE(page) << page.error().text();
    if (page->keys.empty()) break;
    EXPECT_LE(page->keys.size(), 10U);
    for (const Reread& reread : page->keys) {
      EXPECT_TRUE(reread.only_absent);
      EXPECT_TRUE(reread.id.empty());
      keys.push_back(reread.key.at(0));
    }
    after = page->next;
  }
  ASSERT_EQ(keys.size(), 25U) << "the document of another program is left alone";
  for (int i = 0; i < 25; ++i) EXPECT_EQ(keys[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(ReaderTest, teardown_removes_the_state_and_keeps_the_documents) {
  {
    const auto sink = open_sink();
    ASSERT_TRUE(sink->lead({}));
    commit(*sink, group_.insert(1, "a", "x").patch(2, "b", {}).take(100));
    store_table(*sink, LoadState::kLoading);
  }
  Options other = options();
  other.pipeline = "other";
  open_sink(other);
  const auto reader = open_reader();
  ASSERT_TRUE(reader->drop_state());
  EXPECT_FALSE(reader->read_checkpoint()->exists);
  EXPECT_FALSE(reader->read_lease()->has_value());
  EXPECT_THAT(documents(kTables), IsEmpty());
  EXPECT_THAT(documents(kRereads), IsEmpty());
  EXPECT_EQ(documents(kPositions).size(), 3U) << "of the other pipeline";
  EXPECT_EQ(notes().size(), 1U);
}

}  // namespace
}  // namespace penstock::mongo
