#include "source/postgres/pgoutput.h"

#include <gtest/gtest.h>

#include "support/cpp/pgoutput_encoder.h"

namespace penstock::postgres {
namespace {

using Encode = test::PgOutputEncoder;

TEST(PgOutput, DecodesBegin) {
  PgOutputDecoder decoder;
  const auto message = decoder.decode(Encode::begin(0x1A2B3C4D5EULL, 77, 1'000'000));
  ASSERT_TRUE(message);
  const auto& begin = std::get<BeginMessage>(*message);
  EXPECT_EQ(begin.commit_lsn.value, 0x1A2B3C4D5EULL);
  EXPECT_EQ(begin.xid, 77U);
  EXPECT_EQ(begin.commit_micros, kPostgresEpochMicros + 1'000'000);
}

TEST(PgOutput, DecodesARowOfTextNullAndUnchanged) {
  PgOutputDecoder decoder;
  const auto payload =
      Encode::update(9, {test::text("1"), test::null_cell(), test::unchanged(), test::text("")});
  const auto message = decoder.decode(payload);
  ASSERT_TRUE(message);
  const auto& row = std::get<RowMessage>(*message);
  EXPECT_EQ(row.kind, 'U');
  EXPECT_EQ(row.old_kind, 0);
  ASSERT_EQ(decoder.new_tuple().size(), 4U);
  EXPECT_EQ(decoder.new_tuple()[0].text, "1");
  EXPECT_EQ(decoder.new_tuple()[1].kind, CellKind::kNull);
  EXPECT_EQ(decoder.new_tuple()[2].kind, CellKind::kUnchanged);
  EXPECT_EQ(decoder.new_tuple()[3].kind, CellKind::kText);
}

TEST(PgOutput, DecodesOldRowsOfUpdateAndDelete) {
  PgOutputDecoder decoder;
  const std::string update =
      Encode::update(9, 'K', {test::text("1")}, {test::text("2")});  // the tuples borrow from it
  ASSERT_TRUE(decoder.decode(update));
  EXPECT_EQ(decoder.old_tuple()[0].text, "1");
  EXPECT_EQ(decoder.new_tuple()[0].text, "2");
  const auto removed = decoder.decode(Encode::remove(9, 'O', {test::text("3")}));
  ASSERT_TRUE(removed);
  EXPECT_EQ(std::get<RowMessage>(*removed).old_kind, 'O');
  EXPECT_FALSE(std::get<RowMessage>(*removed).has_new);
}

TEST(PgOutput, DecodesRelationTruncateAndMessage) {
  PgOutputDecoder decoder;
  const std::string announced = Encode::relation(5, "public", "Đơn hàng", 'i', {{"id", 23, true}, {"b", 25}});
  const auto relation = decoder.decode(announced);
  ASSERT_TRUE(relation);
  const auto& described = std::get<RelationMessage>(*relation);
  EXPECT_EQ(described.name, "Đơn hàng");
  EXPECT_EQ(described.replica_identity, 'i');
  EXPECT_TRUE(described.columns[0].in_key);
  EXPECT_FALSE(described.columns[1].in_key);
  EXPECT_EQ(described.columns[1].modifier, -1);
  const auto truncate = decoder.decode(Encode::truncate({5, 6}));
  ASSERT_TRUE(truncate);
  EXPECT_EQ(std::get<TruncateMessage>(*truncate).oids, (std::vector<std::uint32_t>{5, 6}));
  const std::string marker = Encode::message("penstock", std::string("a\0b", 3));
  const auto message = decoder.decode(marker);
  ASSERT_TRUE(message);
  EXPECT_TRUE(std::get<LogicalMessage>(*message).transactional);
  EXPECT_EQ(std::get<LogicalMessage>(*message).content.size(), 3U);
}

TEST(PgOutput, RefusesEveryTruncationOfEveryMessage) {
  const std::vector<std::string> messages{Encode::begin(1, 2),
                                          Encode::commit(1, 2),
                                          Encode::relation(5, "s", "t", 'd', {{"id", 23, true}}),
                                          Encode::insert(5, {test::text("abc"), test::null_cell()}),
                                          Encode::update(5, 'K', {test::text("1")}, {test::text("2")}),
                                          Encode::remove(5, 'K', {test::text("1")}),
                                          Encode::truncate({1, 2}),
                                          Encode::message("p", "content")};
  PgOutputDecoder decoder;
  for (const auto& whole : messages) {
    ASSERT_TRUE(decoder.decode(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto cut = decoder.decode(std::string_view(whole).substr(0, length));
      ASSERT_FALSE(cut) << whole.front() << " cut to " << length;
      EXPECT_EQ(cut.error().kind, ErrorKind::kPostgresProtocol);
    }
    EXPECT_FALSE(decoder.decode(whole + "x")) << whole.front();
  }
}

TEST(PgOutput, RefusesUnknownKindsAndBinaryCells) {
  PgOutputDecoder decoder;
  EXPECT_FALSE(decoder.decode("Zabc"));
  std::string binary = Encode::insert(5, {test::text("abc")});
  binary[8] = 'b';
  EXPECT_FALSE(decoder.decode(binary));
}

}  // namespace
}  // namespace penstock::postgres
