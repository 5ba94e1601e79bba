// What a penstock_pipeline is: the file, the sinks, and benches that calls at the same time each take one of.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "library/counts.h"
#include "library/opened.h"
#include "library/row_load.h"
#include "library/settle_bench.h"
#include "library/stream_bench.h"
#include "sink/mongo/worker/load_sink.h"
#include "sink/mongo/worker/partition_sink.h"

namespace penstock::library {

// Any thread. The calls are those of penstock.h.
class Pipeline {
 public:
  explicit Pipeline(Opened opened) : opened_(std::move(opened)) {}

  Result<std::string> describe() const { return library::describe(opened_); }
  Result<std::string> begin_stream();
  Status apply(const std::string& topic, std::int32_t partition,
               const std::vector<backbone::ConsumedRecord>& records, Counts& counts);
  Result<std::string> pending();
  Status settle(const std::string& lane, Counts& counts);
  Result<std::string> begin_load();
  Status load(const std::string& load, const std::string& table, std::string_view rows, Counts& counts);
  Status build(const std::string& load);
  Status end_load(const std::string& load);

 private:
  Status open_stream();
  void share_topics(const std::string& stream, const std::string& kept);
  Status open_load();
  Result<std::unique_ptr<StreamBench>> stream_bench();
  Result<std::unique_ptr<SettleBench>> settle_bench();
  Result<std::unique_ptr<LoadBench>> load_bench(const std::string& load);

  const Opened opened_;
  std::mutex mutex_;  // holds those below; benches that are in use are their users'
  std::unique_ptr<mongo::PartitionSink> stream_;
  StreamBench::Topics plain_topics_;  // with `stream_`, as they are without what is kept
  mongo::KeptModels models_;          // likewise
  StreamBench::Topics topics_;        // from begin_stream() on, where that is called, not changed any more
  std::string kept_generation_;       // likewise
  std::unique_ptr<mongo::LoadSink> load_;
  std::vector<std::unique_ptr<StreamBench>> stream_benches_;  // before the sinks in the order of ending
  std::vector<std::unique_ptr<SettleBench>> settle_benches_;
  std::vector<std::unique_ptr<LoadBench>> load_benches_;
};

}  // namespace penstock::library
