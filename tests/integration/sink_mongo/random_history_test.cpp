// Random valid histories of a table, cut into groups at random, leave the documents that applying change
// after change would leave.
#include <gmock/gmock.h>

#include <random>

#include "integration/sink_mongo/sink_fixture.h"

namespace penstock::mongo {
namespace {

struct Thing {
  std::string name, note;
  bool deleted = false;
};

// Makes the changes of a history, in the model and in the group.
class History {
 public:
  History(unsigned seed, bool soft) : random_(seed), soft_(soft) {}

  void step(testing::GroupMaker& group) {
    const int kind = pick(100);
    if (kind < 35 || live().empty()) return insert(group);
    if (kind < 65) return update(group);
    if (kind < 80) return remove(group);
    if (kind < 98) return move(group);
    clear(group);
  }

  std::map<int, std::string> wanted() const {
    std::map<int, std::string> result;
    for (const auto& [id, thing] : things_) {
      result[id] = thing.name + "/" + thing.note + (soft_ ? (thing.deleted ? "/deleted" : "/live") : "");
    }
    return result;
  }

 private:
  static constexpr int kIds = 25;

  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  std::string word() { return "w" + std::to_string(++words_); }
  std::vector<int> live() const {
    std::vector<int> ids;
    for (const auto& [id, thing] : things_) {
      if (!thing.deleted) ids.push_back(id);
    }
    return ids;
  }
  int some_live() {
    const std::vector<int> ids = live();
    return ids[static_cast<std::size_t>(pick(static_cast<int>(ids.size())))];
  }
  int some_free() {
    for (;;) {
      const int id = pick(kIds * 2);
      const auto found = things_.find(id);
      if (found == things_.end() || found->second.deleted) return id;
    }
  }

  void insert(testing::GroupMaker& group) {
    if (live().size() >= kIds) return remove(group);
    const int id = some_free();
    things_[id] = {word(), word()};
    group.insert(id, things_[id].name, things_[id].note);
  }
  void update(testing::GroupMaker& group) {
    const int id = some_live();
    Thing& thing = things_[id];
    thing.name = word();
    if (pick(2) == 0) thing.note = word();  // otherwise: maybe unchanged TOAST
    const bool sent = pick(2) == 0;
    if (sent || thing.note == "w" + std::to_string(words_)) {
      group.replace_or_patch(pick(3) == 0, id, thing.name, thing.note);
    } else {
      group.patch(id, thing.name, {});
    }
  }
  void remove(testing::GroupMaker& group) {
    const int id = some_live();
    if (soft_) {
      things_[id].deleted = true;
      group.mark(id);
    } else {
      things_.erase(id);
      group.remove(id);
    }
  }
  void move(testing::GroupMaker& group) {
    const int from = some_live();
    const int to = some_free();
    Thing moved = things_[from];
    moved.name = word();
    if (soft_) {
      things_[from].deleted = true;
    } else {
      things_.erase(from);
    }
    things_[to] = moved;
    group.carry(from, to, moved.name, {}, soft_);
  }
  void clear(testing::GroupMaker& group) {
    if (soft_) {
      for (auto& [id, thing] : things_) thing.deleted = true;
    } else {
      things_.clear();
    }
    group.clear(soft_);
  }

  std::mt19937 random_;
  const bool soft_;
  std::map<int, Thing> things_;
  int words_ = 0;
};

class RandomHistoryTest : public testing::SinkFixture, public ::testing::WithParamInterface<unsigned> {
 protected:
  std::map<int, std::string> stored(bool soft) {
    std::map<int, std::string> result = notes();
    if (!soft) return result;
    const auto found = connection_->find(database_, "things", Find{}, nullptr, "testing");
    for (const Bson& document : *found) {
      const bool deleted = text_at(document.get(), "cdc_changed") == "deleted";
      result[static_cast<int>(*long_at(document.get(), "_id"))] += deleted ? "/deleted" : "/live";
    }
    return result;
  }

  void run(bool soft) {
    shape_ = testing::things_shape(soft);
    const auto sink = open_sink();
    History history(GetParam(), soft);
    std::mt19937 random(GetParam() + 1000);
    for (std::uint64_t group = 1; group <= 40; ++group) {
      const unsigned steps = 1 + static_cast<unsigned>(random() % 60);
      for (unsigned i = 0; i < steps; ++i) history.step(group_);
      const CommitResult result = commit(*sink, group_.take(group * 100));
      EXPECT_THAT(result.rereads, ::testing::IsEmpty());
      ASSERT_EQ(stored(soft), history.wanted()) << "seed " << GetParam() << ", group " << group;
    }
  }
};

TEST_P(RandomHistoryTest, hard_deletes) { run(false); }
TEST_P(RandomHistoryTest, soft_deletes) { run(true); }

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistoryTest, ::testing::Range(1U, 7U));

}  // namespace
}  // namespace penstock::mongo
