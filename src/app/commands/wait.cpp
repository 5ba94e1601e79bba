#include <fmt/format.h>

#include "app/commands/commands.h"
#include "sink/mongo/reader.h"

namespace penstock::app {
namespace {

// Why the LSN is not included, as far as the stored state tells.
Result<std::string> describe_delay(mongo::Reader& reader, Lsn lsn) {
  PENSTOCK_ASSIGN(const Checkpoint checkpoint, reader.read_checkpoint());
  if (!checkpoint.exists) return std::string("the pipeline never ran");
  if (checkpoint.restart) return std::string("a resync of the whole pipeline waits for its next start");
  for (const auto& [name, table] : checkpoint.tables)
    if (table.state != LoadState::kLoaded) return fmt::format("the load of {} is not complete", name);
  if (!includes(checkpoint.position.through_lsn, lsn))
    return fmt::format("it stands at {}", to_string(checkpoint.position.through_lsn));
  if (!checkpoint.pending.building.empty())
    return fmt::format("collection {} is being built", fmt::join(checkpoint.pending.building, ", "));
  if (checkpoint.pending.since)
    return fmt::format("documents that show what was committed at {} are still being written",
                       to_string(*checkpoint.pending.since));
  return fmt::format("{} rows wait to be read again", checkpoint.rereads.size());
}

}  // namespace

Status wait_command(const Settings& settings, const WaitOptions& options, std::stop_token stop) {
  PENSTOCK_ASSIGN(const auto reader,
                  mongo::Reader::open(settings.sink.mongodb, settings.sink.database, settings.pipeline));
  auto included = reader->wait_for(options.lsn, options.timeout, std::move(stop));
  if (!included && included.error().kind == ErrorKind::kCancelled)
    return fail(ErrorKind::kCheckFailed, included.error().message);  // not done, so not exit code 0
  if (!included) return fail(included.error());
  if (*included) return {};
  PENSTOCK_ASSIGN(const std::string reason, describe_delay(*reader, options.lsn));
  return fail(ErrorKind::kCheckFailed,
              fmt::format("{} is not in the read model after {} ms: {}", to_string(options.lsn),
                          options.timeout.count(), reason),
              fmt::format("penstock status {}", settings.file));
}

}  // namespace penstock::app
