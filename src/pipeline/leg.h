// A leg: Source -> Projector -> DocumentSink, with the acknowledgement flowing back.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "pipeline/group_builder.h"
#include "projection/projector.h"
#include "sink/document_sink.h"
#include "source/source.h"

namespace penstock {

struct LegStats {
  Position position;         // durable in the sink
  std::uint64_t events = 0;  // row changes of the stream, handled
  std::uint64_t writes = 0;  // documents written for them, after coalescing
  std::uint64_t transactions = 0;
  std::uint64_t split_parts = 0;  // groups that ended inside a source transaction
  std::uint64_t chunks = 0;
  std::uint64_t chunk_rows = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t retries = 0;  // commits tried again after an outage or conflict
  std::int64_t last_commit_micros = 0;
  std::vector<LoadProgress> loads;
};

struct LegOptions {
  GroupLimits limits;
  std::size_t queue_bytes = 8U << 20;  // events between source and projector
  std::size_t queued_groups = 2;       // that wait for the one that is being committed
  // A projector's state is saved this often under load, for which the writer must run empty; sooner at rest.
  std::chrono::milliseconds save_interval{2000};
  bool until_current = false;                   // stop once caught up with the WAL end at start
  bool until_loaded = false;                    // stop once every table is loaded
  std::function<void(const LegStats&)> report;  // about once a second, by the caller's thread
  std::chrono::milliseconds report_interval{1000};
};

// Runs until stopped, done (until_...), or failed. `stop` drains: whole transactions already received are
// written, a half one is left for the next start. Blocks the caller. The sink leads (DocumentSink::lead)
// already.
Status run_leg(Source& source, Projector& projector, DocumentSink& sink, const LegOptions& options,
               std::stop_token stop);

}  // namespace penstock
