#include <fmt/format.h>

#include "app/apply/inclusion.h"
#include "app/apply/topics.h"
#include "app/commands/commands.h"
#include "base/retry.h"
#include "sink/mongo/reader.h"

namespace penstock::app {
namespace {

constexpr std::chrono::milliseconds kAgain{50};

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

// Not done, so not exit code 0.
Status not_cancelled(Error error) {
  if (error.kind == ErrorKind::kCancelled) return fail(ErrorKind::kCheckFailed, std::move(error.message));
  return fail(std::move(error));
}

Status not_included(const Settings& settings, const WaitOptions& options, const std::string& reason) {
  return fail(ErrorKind::kCheckFailed,
              fmt::format("{} is not in the read model after {} ms: {}", to_string(options.lsn),
                          options.timeout.count(), reason),
              fmt::format("penstock status {}", settings.file));
}

Status wait_for_topics(const Settings& settings, const WaitOptions& options, mongo::Reader& reader,
                       Inclusion::Clock::time_point until, std::stop_token stop) {
  PENSTOCK_ASSIGN(const auto inclusion, Inclusion::open(settings, reader, options.lsn));
  auto included = inclusion->wait(until, std::move(stop));
  if (!included) return not_cancelled(std::move(included).error());
  if (*included) return {};
  return not_included(settings, options, inclusion->reason());
}

}  // namespace

Status wait_command(const Settings& given, const WaitOptions& options, std::stop_token stop) {
  PENSTOCK_ASSIGN(const Settings settings, with_brokers(given, options.kafka));
  PENSTOCK_ASSIGN(const auto reader,
                  mongo::Reader::open(settings.sink.mongodb, settings.sink.database, settings.pipeline));
  const auto until = Inclusion::Clock::now() + options.timeout;
  auto checkpoint = reader->read_checkpoint();
  while (!checkpoint && checkpoint.error().kind == ErrorKind::kMongoUnavailable &&
         Inclusion::Clock::now() < until && sleep_unless_stopped(stop, kAgain))
    checkpoint = reader->read_checkpoint();
  if (!checkpoint) return fail(std::move(checkpoint).error());
  if (reads_topics(settings, *checkpoint))
    return wait_for_topics(settings, options, *reader, until, std::move(stop));
  auto included = reader->wait_for(options.lsn, options.timeout, std::move(stop));
  if (!included) return not_cancelled(std::move(included).error());
  if (*included) return {};
  PENSTOCK_ASSIGN(const std::string reason, describe_delay(*reader, options.lsn));
  return not_included(settings, options, reason);
}

}  // namespace penstock::app
