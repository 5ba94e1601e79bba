// Where a stream of records begins.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "library/opened.h"
#include "sink/mongo/worker/partition_sink.h"

namespace penstock::library {

// penstock_begin_stream()'s answer. Asks the brokers.
Result<std::string> begin_stream(const Opened& opened, const std::map<std::string, mongo::Share>& topics,
                                 mongo::PartitionSink& sink, const mongo::KeptModels& models);

}  // namespace penstock::library
