#include "app/verify/pipeline_moment.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "app/commands/writer.h"
#include "base/log.h"
#include "base/retry.h"
#include "source/postgres/snapshot/unread_changes.h"

namespace penstock::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kSayAfter{3};
constexpr std::chrono::seconds kSayEvery{10};
constexpr std::chrono::seconds kLookForWriterAfter{2};
constexpr std::chrono::seconds kLookForWriterEvery{20};
constexpr std::chrono::milliseconds kFirstPause{20};
constexpr std::chrono::milliseconds kLongestPause{500};

bool is_behind(const Checkpoint& checkpoint, Lsn lsn) {
  return !includes(checkpoint.position.through_lsn, lsn);
}

}  // namespace

std::string why_not_whole(const Checkpoint& checkpoint, Lsn lsn) {
  if (!checkpoint.exists) return "the pipeline never ran";
  if (checkpoint.restart) return "a resync of the whole pipeline waits for its next start";
  for (const auto& [name, table] : checkpoint.tables)
    if (table.state != LoadState::kLoaded) return fmt::format("the load of {} is not complete", name);
  if (!checkpoint.pending.building.empty())
    return fmt::format("collection {} is being built", fmt::join(checkpoint.pending.building, ", "));
  if (is_behind(checkpoint, lsn))
    return fmt::format("the pipeline stands at {}, before {}", to_string(checkpoint.position.through_lsn),
                       to_string(lsn));
  if (checkpoint.position.inside_transaction()) return "a large transaction is being applied in parts";
  if (checkpoint.pending.since)
    return fmt::format("documents that show what was committed at {} are still being written",
                       to_string(*checkpoint.pending.since));
  if (!checkpoint.rereads.empty())
    return fmt::format("{} rows wait to be read again", checkpoint.rereads.size());
  return {};
}

PipelineMoment::PipelineMoment(const Settings& settings, mongo::Comparer& comparer, Lsn lsn)
    : settings_(settings), comparer_(comparer), lsn_(lsn) {}

Status PipelineMoment::connect() {
  if (reader_) return {};
  PENSTOCK_ASSIGN(reader_,
                  mongo::Reader::open(settings_.sink.mongodb, settings_.sink.database, settings_.pipeline));
  return {};
}

Result<Position> PipelineMoment::take(std::stop_token stop) {
  auto say_at = Clock::now() + kSayAfter;
  auto look_at = Clock::now() + kLookForWriterAfter;
  auto pause = kFirstPause;
  for (;;) {
    PENSTOCK_ASSIGN(const Checkpoint checkpoint, comparer_.look());
    const std::string reason = why_not_whole(checkpoint, lsn_);
    if (reason.empty()) return checkpoint.position;
    if (Clock::now() >= say_at) {
      log::info("waiting: {}", reason);
      say_at = Clock::now() + kSayEvery;
    }
    if (Clock::now() >= look_at) {
      PENSTOCK_ASSIGN(const bool rests_here, rests(checkpoint));
      // Looked at before the changes were: nobody has written since.
      if (rests_here) return checkpoint.position;
      look_at = Clock::now() + kLookForWriterEvery;
    }
    if (!sleep_unless_stopped(stop, pause)) return fail(ErrorKind::kCancelled, "stopped while waiting");
    pause = std::min(2 * pause, kLongestPause);
  }
}

Result<bool> PipelineMoment::rests(const Checkpoint& checkpoint) {
  PENSTOCK_TRY(connect());
  PENSTOCK_ASSIGN(const auto writer, find_writer(*reader_));
  if (writer) return false;
  const Lsn through = checkpoint.position.through_lsn;
  Checkpoint there = checkpoint;
  there.position.through_lsn = std::max(through, lsn_);
  std::string reason = why_not_whole(there, lsn_);
  if (reason.empty()) {
    PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(settings_.source.postgres));
    PENSTOCK_ASSIGN(const std::uint64_t changes,
                    postgres::unread_changes(connection, settings_.source.slot, settings_.source.publication,
                                             through, lsn_));
    if (changes == 0) return true;
    reason = fmt::format("{} changes up to {} are not applied", changes, to_string(lsn_));
  }
  return fail(ErrorKind::kCheckFailed, "no process runs the pipeline, and " + reason,
              fmt::format("penstock run {}  (beside the comparison, or before it with --until-current)",
                          settings_.file));
}

Result<std::uint64_t> PipelineMoment::estimate(const std::vector<std::string>& collections) {
  PENSTOCK_TRY(connect());
  std::uint64_t documents = 0;
  for (const std::string& name : collections) {
    PENSTOCK_ASSIGN(const std::uint64_t count, reader_->count(name, false));
    documents += count;
  }
  return documents;
}

}  // namespace penstock::app
