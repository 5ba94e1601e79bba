// What commands make of the places of workers that share a pipeline.
#include <gmock/gmock.h>

#include "app/apply/topics.h"
#include "app/apply/workers_view.h"
#include "app/commands/status_view.h"

namespace penstock::app {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

Place at(std::int64_t next) { return Place{next, -1, {}, {}, {}}; }

const std::vector<TableTopics> kTables{{{"public", "lines"}, true, true, {"lines"}},
                                       {{"public", "notes"}, false, true, {"notes"}},
                                       {{"public", "products"}, true, false, {"products"}}};

Checkpoint shared_checkpoint() {
  Checkpoint checkpoint;
  checkpoint.shared.emplace().partitions = {{{"lines", 0}, {at(5), "a:1", 1000}},
                                            {{"lines", 1}, {at(9), "b:2", 2000}},
                                            {{"lines", 2}, {at(3), "b:2", 3000}},
                                            {{"notes", 0}, {at(4), "a:1", 4000}},
                                            {{"notes", 1}, {std::nullopt, "b:2", 2000}}};
  checkpoint.places = {{{"lines", 0}, at(7)}, {{"lines", 1}, at(6)}, {{"products", 0}, at(2)}};
  return checkpoint;
}

TEST(Workers, a_partition_is_applied_up_to_where_all_who_read_it_are) {
  EXPECT_THAT(applied_places(shared_checkpoint(), kTables),
              ElementsAre(Pair(PartitionId{"lines", 0}, at(5)), Pair(PartitionId{"lines", 1}, at(6)),
                          Pair(PartitionId{"notes", 0}, at(4)), Pair(PartitionId{"products", 0}, at(2))))
      << "lines[2]: the read models have not begun; notes[1]: its worker has not";
}

TEST(Workers, without_workers_the_one_writers_places_count) {
  Checkpoint checkpoint = shared_checkpoint();
  checkpoint.shared.reset();
  EXPECT_EQ(applied_places(checkpoint, kTables), checkpoint.places);
}

TEST(Workers, each_is_shown_with_its_partitions_and_what_is_left_of_them) {
  const Checkpoint checkpoint = shared_checkpoint();
  StatusView view;
  view.now_micros = 14'000'000;
  WorkersView& workers = view.topics.emplace().workers.emplace(workers_of(*checkpoint.shared));
  EXPECT_THAT(status_text(view), HasSubstr("a:1: 2 partitions for 10 s\n"));
  put_lag(*checkpoint.shared, {{{"lines", 0}, 8}, {{"lines", 1}, 9}, {{"lines", 2}, 3}, {{"notes", 1}, 2}},
          workers);
  put_members({"a:1", "c:3"}, workers);
  EXPECT_THAT(status_text(view), AllOf(HasSubstr("a:1: 2 partitions for 10 s, lag 3\n"),
                                       HasSubstr("b:2: 3 partitions for 11 s, lag 2, gone from the group\n"),
                                       HasSubstr("c:3: stands by\n"), Not(HasSubstr("writer"))));
  EXPECT_THAT(status_json(view),
              HasSubstr(R"("workers":[{"worker":"a:1","partitions":2,"lag":3,"in_group":true,)"));
}

}  // namespace
}  // namespace penstock::app
