#include "app/apply/inclusion.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/apply/topics.h"
#include "backbone/topic_ends.h"
#include "base/error_policy.h"
#include "base/retry.h"
#include "source/postgres/catalog.h"
#include "source/postgres/snapshot/unread_changes.h"

namespace penstock::app {
namespace {

constexpr std::chrono::milliseconds kPatience{20};
constexpr std::chrono::milliseconds kAskEvery{100};
constexpr std::chrono::milliseconds kLongestQuestion{5000};
constexpr std::chrono::seconds kPeekEvery{2};

// Why documents are not what the records that are applied make of them. Empty: they are, but for re-reads.
std::string why_not_whole(const Checkpoint& checkpoint) {
  if (checkpoint.restart) return "a resync of the whole pipeline waits for its next start";
  for (const auto& [name, table] : checkpoint.tables)
    if (table.state != LoadState::kLoaded)
      return fmt::format("the topics of {} are being read for the first time", name);
  if (!checkpoint.pending.building.empty())
    return fmt::format("collection {} is being built", fmt::join(checkpoint.pending.building, ", "));
  if (checkpoint.pending.since) return "documents that show changed rows are still being written";
  return {};
}

}  // namespace

Result<std::unique_ptr<Inclusion>> Inclusion::open(const Settings& settings, mongo::Reader& reader, Lsn lsn) {
  PENSTOCK_TRY(check_brokers(settings));
  std::unique_ptr<Inclusion> made(new Inclusion(settings, reader, lsn));
  PENSTOCK_TRY(made->connect());
  return made;
}

Status Inclusion::connect() {
  PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(settings_.source.postgres));
  connection_.emplace(std::move(connection));
  backbone::ConsumerOptions options = consumer_options(settings_);
  options.timeout = kLongestQuestion;
  PENSTOCK_ASSIGN(consumer_, backbone::Consumer::open(options));
  PENSTOCK_ASSIGN(uncommitted_, backbone::Consumer::open(backbone::reading_uncommitted(options)));
  PENSTOCK_ASSIGN(tables_, find_topics(settings_));
  for (const std::string& name : capture_names(settings_)) {
    PENSTOCK_ASSIGN(auto capture, backbone::CapturePosition::open(options, name));
    if (capture) captures_.push_back(std::move(capture));
  }
  PENSTOCK_ASSIGN(const auto slot, postgres::describe_slot(*connection_, settings_.source.slot));
  if (slot.exists || !captures_.empty()) return {};
  return fail(
      ErrorKind::kConfiguration,
      fmt::format("nothing says which LSN the topics include: PostgreSQL has no replication slot \"{}\", "
                  "and the brokers have no topic {}",
                  settings_.source.slot, backbone::state_topic_of(settings_.pipeline)),
      fmt::format("name the slot of the connector that writes the topics in {}: source: {{ slot: … }}, or "
                  "source: {{ connector: FILE.json }}",
                  settings_.file));
}

void Inclusion::want(Lsn lsn) {
  lsn_ = lsn;
  step_ = Step::kWritten;
  reason_.clear();
  ask_ = {};
  peek_ = {};
  rereads_.reset();
}

Result<bool> Inclusion::wait(Clock::time_point until, std::stop_token stop) {
  for (;;) {
    auto done = take_step(until, stop);
    if (!done && !is_outage(done.error().kind)) return fail(std::move(done).error());
    const bool over = Clock::now() >= until;
    if (!done && over) return fail(std::move(done).error());
    if (!done) reason_ = done.error().message;
    if (done && *done) step_ = static_cast<Step>(static_cast<int>(step_) + 1);
    if (step_ == Step::kDone) return true;
    if (over) return false;
    if (done && *done) continue;
    if (!sleep_unless_stopped(stop, kPatience)) return fail(ErrorKind::kCancelled, "stopped while waiting");
  }
}

Result<bool> Inclusion::wait_written(Clock::time_point until, std::stop_token stop) {
  for (;;) {
    auto written = is_written();
    if (written && *written) return true;
    if (!written && !is_outage(written.error().kind)) return written;
    if (Clock::now() >= until) return false;
    if (!sleep_unless_stopped(stop, kPatience)) return fail(ErrorKind::kCancelled, "stopped while waiting");
  }
}

Result<bool> Inclusion::take_step(Clock::time_point until, std::stop_token stop) {
  switch (step_) {
    case Step::kWritten:
      return is_written();
    case Step::kEnds:
      return has_ends(until, std::move(stop));
    case Step::kApplied:
      return is_applied();
    case Step::kDone:
      break;
  }
  return true;
}

Result<bool> Inclusion::is_written() {
  Lsn through;
  for (const auto& capture : captures_) {
    PENSTOCK_ASSIGN(const Lsn one, capture->through(kPatience));
    through = std::max(through, one);
    if (std::string loading = capture->why_not_loaded(); !loading.empty()) {
      reason_ = std::move(loading);
      return false;
    }
  }
  if (includes(through, lsn_)) return true;
  if (Clock::now() < ask_) return false;
  ask_ = Clock::now() + kAskEvery;
  auto beyond = is_beyond(through);
  if (!beyond && beyond.error().kind == ErrorKind::kPostgresUnavailable)
    if (auto again = postgres::Connection::open(settings_.source.postgres))
      connection_.emplace(std::move(*again));
  return beyond;
}

// Kafka has acknowledged what the slot's reader has confirmed: Debezium and `penstock capture` alike.
Result<bool> Inclusion::is_beyond(Lsn written) {
  const std::string& name = settings_.source.slot;
  PENSTOCK_ASSIGN(const auto slot, postgres::describe_slot(*connection_, name));
  if (slot.exists && includes(slot.confirmed_flush_lsn, lsn_)) return true;
  if (!slot.exists) {
    reason_ = fmt::format("the capture has not written {} to the topics", to_string(lsn_));
    return false;
  }
  reason_ = fmt::format("the slot \"{}\" is confirmed up to {}: what comes after it may not be in the topics",
                        name, to_string(slot.confirmed_flush_lsn));
  if (slot.active) return nothing_behind(slot.confirmed_flush_lsn);
  const auto left = postgres::unread_changes(*connection_, name, settings_.source.publication,
                                             std::max(slot.confirmed_flush_lsn, written), lsn_);
  if (!left) return false;  // somebody reads it now
  const std::uint64_t changes = *left;
  if (changes == 0) return true;
  reason_ = fmt::format("{} changes up to {} are not in the topics, and nobody reads the slot \"{}\"",
                        changes, to_string(lsn_), name);
  return false;
}

// Debezium confirms events only: in a database that rests, what comes after the last one is never confirmed.
bool Inclusion::nothing_behind(Lsn confirmed) {
  const auto now = Clock::now();
  if (peek_ == Clock::time_point{}) peek_ = now + kPeekEvery;
  if (now < peek_) return false;
  peek_ = now + kPeekEvery;
  const auto behind = postgres::unconfirmed_changes(*connection_, settings_.source.slot,
                                                    settings_.source.publication, confirmed, lsn_);
  return behind && *behind == 0;
}

Result<bool> Inclusion::has_ends(Clock::time_point until, std::stop_token stop) {
  PENSTOCK_ASSIGN(const auto found, backbone::look_up(*uncommitted_, topics_in(tables_)));
  PENSTOCK_ASSIGN(const Checkpoint checkpoint, reader_.read_checkpoint());
  const Places applied = applied_places(checkpoint, tables_);
  auto ends = backbone::ends_of_records(*consumer_, found.ends, applied, until, std::move(stop));
  if (!ends && ends.error().kind == ErrorKind::kKafkaUnavailable) {  // time is over, no more
    reason_ = ends.error().message;
    return false;
  }
  if (!ends) return fail(std::move(ends).error());
  ends_ = std::move(*ends);
  return true;
}

Result<bool> Inclusion::is_applied() {
  PENSTOCK_ASSIGN(const Checkpoint checkpoint, reader_.read_checkpoint());
  const Places applied = applied_places(checkpoint, tables_);
  reason_ = "the pipeline never ran";
  if (!checkpoint.exists) return false;
  const bool reached = rereads_ && !checkpoint.shared;  // workers may go back for rows to be read again
  for (const auto& [partition, end] : ends_) {
    const auto place = applied.find(partition);
    const std::int64_t next = place == applied.end() ? 0 : place->second.next;
    if (reached || next >= end) continue;
    reason_ = fmt::format("{} is applied up to offset {} of {}", to_string(partition), next, end);
    return false;
  }
  std::set<std::string> rereads;
  for (const auto* waiting : {&checkpoint.rereads, checkpoint.shared ? &checkpoint.shared->rereads : nullptr})
    for (const Reread& reread : waiting == nullptr ? std::vector<Reread>{} : *waiting)
      if (!rereads_ || rereads_->contains(reread.id)) rereads.insert(reread.id);
  rereads_ = std::move(rereads);
  reason_ = why_not_whole(checkpoint);
  if (reason_.empty() && !rereads_->empty())
    reason_ = fmt::format("{} rows wait to be read again", rereads_->size());
  return reason_.empty();
}

}  // namespace penstock::app
