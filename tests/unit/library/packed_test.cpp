#include "library/packed.h"

#include <gmock/gmock.h>

#include <string>

namespace penstock::library {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

template <class T>
std::string number(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    bytes += static_cast<char>(static_cast<unsigned char>(static_cast<std::uint64_t>(value) >> (8 * i)));
  return bytes;
}

std::string record(std::int64_t offset, const std::string& key) {
  return number<std::int64_t>(offset) + number<std::int64_t>(1700000000000) +
         number(static_cast<std::int32_t>(key.size())) + number<std::int32_t>(-1) + number<std::int32_t>(1) +
         key + number<std::int32_t>(2) + number<std::int32_t>(3) + "op" + "abc";
}

std::string buffer(const std::string& magic, std::uint32_t count, const std::string& rest) {
  return magic + number(count) + rest;
}

TEST(Packed, records_come_as_they_were_put_in) {
  const std::string bytes = buffer("PSR1", 2, record(7, "{\"id\":1}") + record(9, ""));
  const auto records = read_records("shop.public.orders", 3, bytes);
  ASSERT_TRUE(records) << records.error().message;
  ASSERT_EQ(records->size(), 2U);
  const backbone::ConsumedRecord& first = records->front();
  EXPECT_EQ(first.topic, "shop.public.orders");
  EXPECT_EQ(first.partition, 3);
  EXPECT_EQ(first.offset, 7);
  EXPECT_EQ(first.millis, 1700000000000);
  EXPECT_EQ(first.key, "{\"id\":1}");
  EXPECT_EQ(first.value, std::nullopt);
  EXPECT_THAT(first.headers, ElementsAre(Pair("op", "abc")));
  EXPECT_EQ(records->back().key, "") << "empty is not null";
}

TEST(Packed, a_buffer_that_is_cut_anywhere_is_refused) {
  const std::string whole = buffer("PSR1", 1, record(7, "key"));
  ASSERT_TRUE(read_records("t", 0, whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(read_records("t", 0, whole.substr(0, size))) << size;
  EXPECT_FALSE(read_records("t", 0, whole + "x"));
}

TEST(Packed, sizes_that_cannot_be_are_refused) {
  for (const std::int32_t size : {-2, 1 << 30})
    EXPECT_FALSE(read_rows("PSW1" + number<std::uint32_t>(1) + number<std::uint32_t>(1) + number(size)));
  EXPECT_FALSE(read_rows("PSW1" + number<std::uint32_t>(0xffffffff) + number<std::uint32_t>(0xffffffff)));
}

TEST(Packed, records_out_of_order_are_refused) {
  const auto records = read_records("t", 0, buffer("PSR1", 2, record(9, "") + record(9, "")));
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error().kind, ErrorKind::kUsage);
  EXPECT_THAT(records.error().message, HasSubstr("9 comes after 9"));
}

TEST(Packed, rows_come_as_they_were_put_in) {
  const std::string values = number<std::int32_t>(1) + "a" + number<std::int32_t>(-1) +
                             number<std::int32_t>(0) + number<std::int32_t>(2) + "bc";
  const std::string bytes = buffer("PSW1", 2, number<std::uint32_t>(2) + values);
  const auto rows = read_rows(bytes);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->rows(), 2U);
  EXPECT_THAT(rows->values, ElementsAre("a", std::nullopt, "", "bc"));
}

}  // namespace
}  // namespace penstock::library
