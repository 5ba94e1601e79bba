#include "backbone/topic_ends.h"

#include <algorithm>

namespace penstock::backbone {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPatience{50};
constexpr std::size_t kRecords = 1000;
constexpr std::int64_t kFirstStep = 8;  // offsets before the end
constexpr std::int64_t kGrowth = 16;

// A partition whose last record is looked for, from further and further before its end.
struct Search {
  std::int64_t from = 0, end = 0;
  std::int64_t step = kFirstStep;
  std::int64_t found = -1;  // behind the last record seen
  bool open = true;         // in this round

  std::int64_t start() const { return std::max(from, end - step); }
};
using Searches = std::map<PartitionId, Search>;

Status read_round(Consumer& consumer, Searches& searches, Clock::time_point until, std::stop_token stop) {
  std::map<PartitionId, std::int64_t> offsets;
  for (auto& [partition, search] : searches) {
    search.open = true;
    offsets[partition] = search.start();
  }
  PENSTOCK_TRY(consumer.assign(offsets));
  std::size_t open = searches.size();
  const auto close = [&](Search& search) {
    if (std::exchange(search.open, false)) --open;
  };
  Consumer::Callbacks callbacks;
  callbacks.record = [&](const ConsumedRecord& record) -> Result<bool> {
    const auto search = searches.find({std::string(record.topic), record.partition});
    if (search == searches.end()) return true;
    if (record.offset < search->second.end) search->second.found = record.offset + 1;
    if (record.offset + 1 >= search->second.end) close(search->second);
    return true;
  };
  callbacks.end = [&](const PartitionId& partition, std::int64_t offset) {
    const auto search = searches.find(partition);
    if (search != searches.end() && offset >= search->second.end) close(search->second);
  };
  while (open > 0) {
    if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped");
    if (Clock::now() > until) {
      const auto waits =
          std::find_if(searches.begin(), searches.end(), [](const auto& one) { return one.second.open; });
      return fail(
          ErrorKind::kKafkaUnavailable,
          to_string(waits->first) + " was not read up to its end at offset " +
              std::to_string(waits->second.end) + ": a transaction is open in it, or its broker is away",
          "whoever writes there ends the transaction, or the brokers do after transaction.timeout.ms");
    }
    PENSTOCK_TRY(consumer.poll(kRecords, kPatience, callbacks));
  }
  return {};
}

}  // namespace

ConsumerOptions reading_uncommitted(ConsumerOptions options) {
  options.settings.emplace_back("isolation.level", "read_uncommitted");
  return options;
}

Result<std::map<PartitionId, std::int64_t>> ends_of_records(Consumer& consumer,
                                                            const std::map<PartitionId, PartitionEnds>& ends,
                                                            const Places& from, Clock::time_point until,
                                                            std::stop_token stop) {
  std::map<PartitionId, std::int64_t> found;
  Searches searches;
  for (const auto& [partition, end] : ends) {
    const auto place = from.find(partition);
    const std::int64_t next = std::max(end.first, place == from.end() ? 0 : place->second.next);
    if (next >= end.end) {
      found[partition] = next;
    } else {
      searches[partition] = Search{next, end.end, kFirstStep, -1, true};
    }
  }
  while (!searches.empty()) {
    PENSTOCK_TRY(read_round(consumer, searches, until, stop));
    for (auto one = searches.begin(); one != searches.end();) {
      Search& search = one->second;
      const bool done = search.found >= 0 || search.start() == search.from;
      if (!done) {
        search.step *= kGrowth;
        ++one;
        continue;
      }
      found[one->first] = search.found >= 0 ? search.found : search.from;
      one = searches.erase(one);
    }
  }
  return found;
}

}  // namespace penstock::backbone
