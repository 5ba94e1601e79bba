// MongoDB as the end of one assignment of a worker: like the sink of one writer (mongo_sink.h), but it owns
// partitions instead of the pipeline (claims.h).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "sink/document_sink.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/worker/shares.h"

namespace penstock::mongo {

// As make_sink(). Nothing waits for a lease: take_over() takes the partitions. kFenced from it or from a
// commit: another worker has one of them now, nothing was written. Requests of commands are not seen by it.
Result<std::unique_ptr<DocumentSink>> make_worker_sink(Options options, Shares shares);

// Whether workers have offsets of the pipeline. If they do not: where they begin. kConfiguration when one
// writer has applied it.
Result<bool> workers_have_begun(const Options& options);
// kConfiguration: tasks of an engine keep the read models (kept/kept_models.h).
Status check_not_kept(const Options& options);
Status begin_workers_at(const Options& options, const Shares& shares, const Places& places,
                        const std::string& slot);

}  // namespace penstock::mongo
