#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <random>

#include "app/commands/commands.h"
#include "app/sample/workload.h"
#include "base/log.h"
#include "base/retry.h"
#include "source/postgres/conninfo.h"

namespace penstock::app {
namespace {

using Clock = std::chrono::steady_clock;

class Sample {
 public:
  Sample(std::string url, const SampleOptions& options, std::stop_token stop)
      : url_(std::move(url)),
        options_(options),
        stop_(std::move(stop)),
        workload_(options.seed != 0 ? options.seed : std::random_device{}()) {}

  Status run() {
    PENSTOCK_ASSIGN(postgres::Connection connection, postgres::Connection::open(url_));
    PENSTOCK_TRY(workload_.prepare(connection));
    begin_ = reported_ = Clock::now();
    while (!finished() && wait_for_turn()) {
      const Status step = workload_.step(connection);
      if (!step) PENSTOCK_TRY(mend(connection, step.error()));
      report(false);
    }
    report(true);
    return {};
  }

 private:
  bool finished() const {
    return stop_.stop_requested() || (options_.count > 0 && workload_.counts().total() >= options_.count);
  }

  // Steps are due at begin + n / rate; a late one is made at once, so that the rate holds over time.
  bool wait_for_turn() {
    if (options_.rate <= 0) return true;
    const auto due = begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                                  static_cast<double>(turns_++) / options_.rate));
    while (!stop_.stop_requested()) {
      report(false);
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
      if (left.count() <= 0) return true;
      sleep_unless_stopped(stop_, std::min(left, std::chrono::milliseconds(200)));
    }
    return false;
  }

  // After an outage the session is opened again; a step of unknown outcome is not repeated.
  Status mend(postgres::Connection& connection, const Error& error) {
    if (error.kind != ErrorKind::kPostgresUnavailable) return fail(error);
    log::warn("{}; connecting again", error.message);
    Backoff backoff;
    while (sleep_unless_stopped(stop_, backoff.next())) {
      auto opened = postgres::Connection::open(url_);
      if (opened) {
        connection = std::move(*opened);
        return {};
      }
      if (opened.error().kind != ErrorKind::kPostgresUnavailable || backoff.tries() > 60)
        return fail(opened.error());
    }
    return {};
  }

  void report(bool last) {
    const auto now = Clock::now();
    if (!last && now - reported_ < std::chrono::seconds(1)) return;
    const WorkloadCounts& counts = workload_.counts();
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const double since = std::chrono::duration<double>(now - reported_).count();
    const double rate = last ? static_cast<double>(counts.total()) / std::max(seconds, 1e-3)
                             : static_cast<double>(counts.total() - reported_total_) / since;
    fmt::print(
        "{:7.1f} s {:8} transactions, {:6.1f}/s: {} new orders, {} status changes, {} price changes, {} "
        "cancelled{}\n",
        seconds, counts.total(), rate, counts.orders, counts.status_changes, counts.price_changes,
        counts.cancelled, last ? " in all" : "");
    std::fflush(stdout);
    reported_ = now;
    reported_total_ = counts.total();
  }

  const std::string url_;
  const SampleOptions& options_;
  const std::stop_token stop_;
  Workload workload_;
  std::uint64_t turns_ = 0;
  std::uint64_t reported_total_ = 0;
  Clock::time_point begin_, reported_;
};

}  // namespace

Status sample_command(const Settings& settings, const SampleOptions& options, std::stop_token stop) {
  std::string url = settings.source.postgres;
  if (!options.postgres.empty()) {
    PENSTOCK_ASSIGN(const auto target, postgres::read_conninfo(url));
    PENSTOCK_ASSIGN(url, postgres::with_database(options.postgres, target.database));
  }
  return Sample(std::move(url), options, std::move(stop)).run();
}

}  // namespace penstock::app
