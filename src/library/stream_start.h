// Where a stream of records begins.
#pragma once

#include <string>

#include "base/result.h"
#include "library/opened.h"
#include "library/stream_bench.h"
#include "sink/mongo/worker/partition_sink.h"

namespace penstock::library {

// With the generations that its partitions are begun with, and what is kept of their rows.
StreamBench::Topics with_generations(StreamBench::Topics topics, const mongo::KeptModels& models,
                                     const std::string& stream, const std::string& kept);

struct StreamStart {
  std::string stream_generation;
  std::string kept_generation;  // empty: no read models
  std::string answer;           // penstock_begin_stream()'s
};

// Asks the brokers. `topics`: without generations.
Result<StreamStart> begin_stream(const Opened& opened, const StreamBench::Topics& topics,
                                 mongo::PartitionSink& sink, const mongo::KeptModels& models);

}  // namespace penstock::library
