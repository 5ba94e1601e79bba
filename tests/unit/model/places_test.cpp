#include "model/places.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(TopicId, IsTheTextThatKafkaShows) {
  // Kafka's Uuid.toString(): base64 for URLs, without padding.
  EXPECT_EQ(to_string(TopicId{0x0001020304050607, 0x08090a0b0c0d0e0f}), "AAECAwQFBgcICQoLDA0ODw");
  EXPECT_EQ(to_string(TopicId{0xffffffffffffffff, 0xfffffffffffffffe}), "_____________________g");
}

TEST(TopicId, ComesBackFromItsText) {
  const TopicId id{0xdeadbeefcafe1234, 0x8000000000000001};
  EXPECT_EQ(parse_topic_id(to_string(id)), id);
  EXPECT_FALSE(parse_topic_id("").is_set());
  EXPECT_FALSE(parse_topic_id("not an id of a topic !").is_set());
}

}  // namespace
}  // namespace penstock
