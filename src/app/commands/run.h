// penstock run and penstock load.
#pragma once

#include <stop_token>

#include "app/settings.h"
#include "app/signals.h"
#include "base/result.h"
#include "projection/projector.h"
#include "sink/document_sink.h"
#include "source/source.h"

namespace penstock::app {

struct RunOptions {
  bool until_current = false;  // run --until-current: exit once caught up with the WAL end at start
  bool until_loaded = false;   // load: exit once every table is loaded
  bool small_queues =
      false;  // little waits between the stages: Kafka's client keeps records on its side of them, too
};

// run_command() until a signal ends it. At each SIGHUP what has been received is written, the pipeline file
// is read again and the pipeline goes on with it: only what is new is loaded or built. A file that cannot be
// read leaves the pipeline as it is.
Status run_and_reload(Settings settings, const RunOptions& options, Signals& signals);

// The leg with its progress on the terminal or in the log.
Status run_with_progress(const GroupSettings& groups, const RunOptions& options, Source& source,
                         Projector& projector, DocumentSink& sink, std::stop_token stop);

// Waits its turn to write, loads what is not loaded, follows the stream until `stop`, its purpose, or an
// error.
Status run_command(const Settings& settings, const RunOptions& options, std::stop_token stop);

}  // namespace penstock::app
