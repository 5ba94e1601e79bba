// Keys and rows as bytes.
#include <gtest/gtest.h>

#include <limits>

#include "model/row_codec.h"
#include "projection/state/key_code.h"

namespace penstock {
namespace {

std::string key(const Value& value, KeyMode mode = KeyMode::kGeneral) {
  std::string out;
  return append_key(out, value, mode) ? out : "none";
}

TEST(KeyCode, EqualValuesHaveEqualBytes) {
  EXPECT_EQ(key(Decimal{"1.0"}), key(Decimal{"1.00"}));
  EXPECT_EQ(key(Decimal{"-0.0"}), key(Decimal{"0"}));
  EXPECT_EQ(key(Decimal{"100"}), key(std::int32_t{100}));
  EXPECT_EQ(key(1e2), key(Decimal{"100.000"}));
  EXPECT_EQ(key(0.0), key(-0.0));
  EXPECT_EQ(key(std::numeric_limits<double>::quiet_NaN()), key(Decimal{"NaN"}));
  EXPECT_EQ(key(Text{"ab  "}, KeyMode::kPadded), key(Text{"ab"}, KeyMode::kPadded));
  EXPECT_NE(key(Text{"ab  "}), key(Text{"ab"}));
  EXPECT_EQ(key(std::int32_t{7}, KeyMode::kInteger), key(std::int64_t{7}, KeyMode::kInteger));
  EXPECT_EQ(key(Decimal{"7.00"}, KeyMode::kInteger), key(std::int64_t{7}, KeyMode::kInteger));
  EXPECT_EQ(key(Decimal{"-9223372036854775808"}, KeyMode::kInteger),
            key(std::numeric_limits<std::int64_t>::min(), KeyMode::kInteger));
}

TEST(KeyCode, WhatEqualsNothingIsNoKey) {
  EXPECT_EQ(key(Null{}), "none");
  EXPECT_EQ(key(Unchanged{}), "none");
  EXPECT_EQ(key(Decimal{"7.5"}, KeyMode::kInteger), "none");
  EXPECT_EQ(key(Decimal{"9223372036854775808"}, KeyMode::kInteger), "none");
  EXPECT_EQ(key(7.5, KeyMode::kInteger), "none");
  EXPECT_EQ(key(Text{"7"}, KeyMode::kInteger), "none");
}

// PostgreSQL's order, text as COLLATE "C".
TEST(KeyCode, BytesOrderAsValuesDo) {
  const std::vector<Value> numbers = {
      Decimal{"-Infinity"}, Decimal{"-1e30"},    Decimal{"-12.5"}, Decimal{"-12"},    Decimal{"-0.001"},
      Decimal{"0"},         Decimal{"0.0009"},   Decimal{"0.001"}, Decimal{"1"},      Decimal{"1.05"},
      Decimal{"1.5"},       Decimal{"2"},        Decimal{"10"},    Decimal{"100000"}, Decimal{"100000.1"},
      Decimal{"1e70"},      Decimal{"Infinity"}, Decimal{"NaN"}};
  for (std::size_t i = 1; i < numbers.size(); ++i) EXPECT_LT(key(numbers[i - 1]), key(numbers[i])) << i;
  const std::vector<Value> texts = {Text{""}, Text{"A"}, Text{"a"}, Text{"a "}, Text{"ab"}, Text{"b"}};
  for (std::size_t i = 1; i < texts.size(); ++i) EXPECT_LT(key(texts[i - 1]), key(texts[i])) << i;
  const std::vector<std::int64_t> whole = {
      std::numeric_limits<std::int64_t>::min(), -5, 0, 3, 256, 1LL << 40};
  for (std::size_t i = 1; i < whole.size(); ++i)
    EXPECT_LT(key(whole[i - 1], KeyMode::kInteger), key(whole[i], KeyMode::kInteger)) << i;
}

TEST(KeyCode, PartsOfACompositeKeyAreNotTakenForEachOther) {
  const auto pair = [](std::string_view left, std::string_view right) {
    std::string out;
    append_key(out, Text{left}, KeyMode::kGeneral);
    append_key(out, Text{right}, KeyMode::kGeneral);
    return out;
  };
  EXPECT_NE(pair("a", "bc"), pair("ab", "c"));
  EXPECT_LT(pair("a", "z"), pair("ab", "a"));
  const std::string zero("\0", 1);
  EXPECT_NE(key(Bytes{zero}), key(Bytes{""}));
  EXPECT_LT(key(Bytes{""}), key(Bytes{zero}));
  EXPECT_EQ(integer_of_key(key(std::int64_t{-77}, KeyMode::kInteger)), -77);
}

std::string text_of(const Value& value) {
  std::string bytes;
  encode_row(bytes, 3, &value, 1);
  Arena arena;
  RowDecoder decoder(bytes, arena);
  EXPECT_EQ(decoder.layout(), 3U);
  const Value read = decoder.next();
  EXPECT_TRUE(decoder.ok());
  EXPECT_EQ(read.v.index(), value.v.index());
  EXPECT_TRUE(decoder.next().is_unchanged());
  std::string again;
  encode_row(again, 3, &read, 1);
  EXPECT_EQ(again, bytes);
  return to_text(read);
}

TEST(RowCodec, KeepsEveryKindOfValue) {
  const Value items[] = {std::int32_t{1}, Null{}, Text{"x"}};
  const StructField fields[] = {{"a", std::int32_t{1}}, {"b", Null{}}};
  const Value one = std::int32_t{1};
  const Value nine = std::int32_t{9};
  Uuid uuid;
  uuid.bytes[15] = 9;
  const std::vector<Value> values = {Null{},
                                     Unchanged{},
                                     true,
                                     false,
                                     std::int32_t{-5},
                                     std::numeric_limits<std::int32_t>::min(),
                                     std::numeric_limits<std::int64_t>::min(),
                                     std::numeric_limits<std::int64_t>::max(),
                                     0.1,
                                     -0.0,
                                     Decimal{"-12.50"},
                                     Text{"grün"},
                                     Text{""},
                                     Bytes{std::string_view("\0\xFF", 2)},
                                     Date{19753, "2024-01-31"},
                                     Date{kPlusInfinity, "infinity"},
                                     Timestamp{1706745599500000, "2024-01-31 23:59:59.5", false},
                                     Timestamp{1706745599500000, "2024-01-31 23:59:59.5+00", true},
                                     Timestamp{kMinusInfinity, "-infinity", true},
                                     Time{"10:00:00"},
                                     Interval{"1 mon"},
                                     uuid,
                                     Json{"{\"a\": 1}"},
                                     Array{items, 3, "{1,NULL,x}"},
                                     Struct{fields, 2, "(1,)"},
                                     Range{&one, &nine, true, false, false},
                                     Range{nullptr, &nine, false, true, false},
                                     Range{nullptr, nullptr, false, false, true}};
  for (const Value& value : values) EXPECT_EQ(text_of(value), to_text(value)) << kind_name(value);
}

// A damaged record is noticed, whatever its bytes.
TEST(RowCodec, RefusesBrokenBytes) {
  const StructField fields[] = {{"a", Text{"long enough"}}};
  const Value value = Struct{fields, 1, "(x)"};
  std::string bytes;
  encode_row(bytes, 1, &value, 1);
  for (std::size_t size = 1; size + 1 < bytes.size(); ++size) {
    Arena arena;
    RowDecoder decoder(std::string_view(bytes).substr(0, size), arena);
    if (size == 1) continue;  // a row of no values
    decoder.next();
    EXPECT_FALSE(decoder.ok()) << size;
  }
  for (int byte = 33; byte < 256; ++byte) {
    std::string one(1, '\1');
    one += static_cast<char>(byte);
    Arena arena;
    RowDecoder decoder(one, arena);
    decoder.next();
    decoder.next();
  }
}

TEST(RowCodec, RefusesADayThatNoDateHas) {
  const Value far = Date{std::int64_t{1} << 62, "no date"};
  std::string bytes;
  encode_row(bytes, 1, &far, 1);
  Arena arena;
  RowDecoder decoder(bytes, arena);
  EXPECT_TRUE(decoder.next().is_unchanged());
  EXPECT_FALSE(decoder.ok());
}

}  // namespace
}  // namespace penstock
