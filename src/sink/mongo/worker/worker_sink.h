// MongoDB as the end of one assignment of a worker: like the sink of one writer (mongo_sink.h), but it owns
// partitions instead of the pipeline (claims.h).
#pragma once

#include <memory>

#include "base/result.h"
#include "sink/document_sink.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/worker/claims.h"

namespace penstock::mongo {

// As make_sink(). Nothing waits for a lease: take_over() takes the partitions. kFenced from it or from a
// commit: another worker has one of them now, nothing was written. Requests of commands are not seen by it.
Result<std::unique_ptr<DocumentSink>> make_worker_sink(Options options, Shares shares);

}  // namespace penstock::mongo
