#include "app/verify/topic_moment.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/apply/workers_view.h"
#include "app/commands/writer.h"
#include "base/log.h"
#include "sink/mongo/worker/shares.h"
#include "source/postgres/catalog.h"

namespace penstock::app {
namespace {

using Clock = Inclusion::Clock;
constexpr std::chrono::seconds kAtOnce{3};
constexpr std::chrono::seconds kSayEvery{10};
constexpr std::chrono::seconds kSparkPatience{120};

}  // namespace

Result<Position> TopicMoment::take(std::stop_token stop) {
  PENSTOCK_TRY(connect());
  PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(settings_.source.postgres));
  PENSTOCK_ASSIGN(const auto server, postgres::describe_server(connection));
  const Lsn lsn = std::max(lsn_, server.wal_end);
  PENSTOCK_TRY(wait(lsn, std::move(stop)));
  PENSTOCK_ASSIGN(const Checkpoint checkpoint, comparer_.look());
  if (checkpoint.restart || !checkpoint.pending.building.empty())
    return fail(ErrorKind::kCheckFailed, "the pipeline began to make documents anew meanwhile",
                "verify it again");
  // All commits before the LSN: a COMMIT record begins before its end.
  return Position{Lsn{lsn.value - 1}, 0, lsn};
}

Result<bool> TopicMoment::is_run_by_somebody() {
  PENSTOCK_ASSIGN(const auto writer, find_writer(*reader_));
  PENSTOCK_ASSIGN(const Checkpoint checkpoint, reader_->read_checkpoint());
  if (writer || !checkpoint.shared) return writer.has_value();
  return count_workers(settings_).map([](std::size_t workers) { return workers > 0; });
}

// Tasks of Spark's are in no group: whether a stream runs is not known.
Result<bool> TopicMoment::is_fed_by_spark() {
  PENSTOCK_ASSIGN(const Checkpoint checkpoint, reader_->read_checkpoint());
  if (!checkpoint.shared) return false;
  const auto& partitions = checkpoint.shared->partitions;
  return std::any_of(partitions.begin(), partitions.end(),
                     [](const auto& one) { return one.second.worker == mongo::kTasksWorker; });
}

Status TopicMoment::wait(Lsn lsn, std::stop_token stop) {
  if (!inclusion_) {
    PENSTOCK_ASSIGN(inclusion_, Inclusion::open(settings_, *reader_, lsn));
  }
  inclusion_->want(lsn);
  auto until = Clock::now() + kAtOnce;
  const auto spark_until = Clock::now() + kSparkPatience;
  for (;;) {
    PENSTOCK_ASSIGN(const bool included, inclusion_->wait(until, stop));
    if (included) return {};
    const std::string reason = inclusion_->reason();
    log::info("waiting for {}: {}", to_string(lsn), reason);
    PENSTOCK_ASSIGN(const bool is_run, is_run_by_somebody());
    PENSTOCK_ASSIGN(const bool by_spark, is_fed_by_spark());
    if (!is_run && by_spark && Clock::now() >= spark_until)
      return fail(
          ErrorKind::kCheckFailed,
          fmt::format("Spark's stream has not come so far in {} s: {}", kSparkPatience.count(), reason),
          "see whether it runs: spark-submit spark/stream.py " + settings_.file);
    if (!is_run && !by_spark)
      return fail(ErrorKind::kCheckFailed, "no process runs the pipeline, and " + reason,
                  fmt::format("penstock apply {}  (beside the comparison, or before it with --until-current)",
                              settings_.file));
    until = Clock::now() + kSayEvery;
  }
}

}  // namespace penstock::app
