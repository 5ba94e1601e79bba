// BEGIN and END around a transaction's events, and the numbers of the events in it.
#include "backbone/transaction_monitor.h"

#include <gtest/gtest.h>

namespace penstock::backbone {
namespace {

Event event_of(std::uint32_t transaction, std::uint64_t lsn) {
  Event event;
  event.transaction = transaction;
  event.lsn = Lsn{lsn};
  event.commit_micros = 7'000'000;
  return event;
}

TEST(TransactionMonitor, NumbersTheEventsOfATransaction) {
  TransactionMonitor monitor("shop.transaction", envelope::Options{});
  std::vector<Record> records;
  auto place = monitor.next(event_of(5, 100), "public.a", records);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, R"({"id":"5:100"})");
  EXPECT_EQ(records[0].value,
            R"({"status":"BEGIN","id":"5:100","event_count":null,"data_collections":null,"ts_ms":7000})");
  EXPECT_EQ(place.total_order, 1U);
  place = monitor.next(event_of(5, 110), "public.b", records);
  EXPECT_EQ(place.id, "5:110");
  EXPECT_EQ(place.total_order, 2U);
  EXPECT_EQ(place.data_collection_order, 1U);
  monitor.finish(records);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(
      records[1].value,
      R"({"status":"END","id":"5:110","event_count":2,"data_collections":[)"
      R"({"data_collection":"public.a","event_count":1},{"data_collection":"public.b","event_count":1}],"ts_ms":7000})");
  monitor.finish(records);
  EXPECT_EQ(records.size(), 2U);
}

TEST(TransactionMonitor, ANewTransactionEndsTheOneBefore) {
  TransactionMonitor monitor("t", envelope::Options{});
  std::vector<Record> records;
  monitor.next(event_of(5, 100), "public.a", records);
  monitor.next(event_of(6, 200), "public.a", records);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_NE(records[1].value->find("END"), std::string::npos);
  EXPECT_NE(records[2].value->find("BEGIN"), std::string::npos);
}

TEST(TransactionMonitor, GoesOnInTheMidstOfOneAfterARestart) {
  TransactionMonitor first("t", envelope::Options{});
  std::vector<Record> records;
  first.next(event_of(5, 100), "public.a", records);
  TransactionMonitor second("t", envelope::Options{});
  second.restore(first.open());
  records.clear();
  const auto place = second.next(event_of(5, 110), "public.a", records);
  EXPECT_TRUE(records.empty());
  EXPECT_EQ(place.total_order, 2U);
}

}  // namespace
}  // namespace penstock::backbone
