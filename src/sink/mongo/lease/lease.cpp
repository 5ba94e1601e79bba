#include "sink/mongo/lease/lease.h"

#include <chrono>
#include <random>
#include <utility>

#include "base/log.h"
#include "base/retry.h"
#include "sink/mongo/state/records.h"

namespace penstock::mongo {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kRenewEvery(500);
constexpr std::chrono::milliseconds kPollEvery(250);
constexpr std::chrono::milliseconds kStaleAfter(5000);
// Two looks at the lease further apart than this say nothing about the time between them.
constexpr std::chrono::milliseconds kLongestBlink(1500);

std::string random_owner() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

}  // namespace

LeaseRecord lease_from(const Bson& document) {
  const _bson_t* from = document.get();
  LeaseRecord lease;
  lease.owner = text_at(from, "owner").value_or("");
  lease.holder.host = text_at(from, "host").value_or("");
  lease.holder.machine = text_at(from, "machine").value_or("");
  lease.holder.pid = long_at(from, "pid").value_or(0);
  lease.holder.started = long_at(from, "started").value_or(0);
  lease.since_millis = date_at(from, "since").value_or(0);
  lease.renewals = unsigned_at(from, "renewals");
  lease.epoch = unsigned_at(from, "epoch");
  lease.released = bool_at(from, "released");
  return lease;
}

Result<std::optional<LeaseRecord>> read_lease(Connection& connection, const std::string& database,
                                              const std::string& pipeline, const char* read_concern) {
  Find find;
  find.filter.put_text("_id", lease_id(pipeline));
  find.read_concern = read_concern;
  PENSTOCK_ASSIGN(const std::vector<Bson> found,
                  to_result(connection.find(database, kPositions, find, nullptr, "reading the lease")));
  if (found.empty()) return std::nullopt;
  return lease_from(found.front());
}

Lease::Lease(Context& context) : context_(context), owner_(random_owner()), self_(this_process()) {}

Lease::~Lease() {
  if (renewer_.joinable()) {
    renewer_.request_stop();
    renewer_.join();
  }
  if (held_) release();
}

Status Lease::acquire(const std::stop_token& stop) {
  if (held_) return {};
  Connection connection(context_.clients);
  Watch watch;
  Backoff backoff(std::chrono::milliseconds(250), std::chrono::milliseconds(2000));
  bool announced = false;
  while (!stop.stop_requested()) {
    Result<bool> won = try_once(connection, watch, announced);
    if (won && *won) return begin_renewing();
    if (!won && won.error().kind != ErrorKind::kMongoUnavailable) return fail(won.error());
    if (!won && backoff.tries() == 0) log::warn("waiting for MongoDB: {}", won.error().message);
    const auto pause = won ? kPollEvery : backoff.next();
    if (won) backoff.reset();
    if (!sleep_unless_stopped(stop, pause)) break;
  }
  return fail(ErrorKind::kCancelled, "stopped while standing by");
}

Status Lease::begin_renewing() {
  held_ = true;
  renewer_ = std::jthread([this](const std::stop_token& stop) { renew(stop); });
  return {};
}

Result<bool> Lease::try_once(Connection& connection, Watch& watch, bool& announced) {
  const std::string& pipeline = context_.options.pipeline;
  PENSTOCK_ASSIGN(const std::optional<LeaseRecord> lease,
                  read_lease(connection, context_.options.database, pipeline, nullptr));
  if (!lease) return create(connection);
  if (lease->owner == owner_) return true;  // an earlier try whose answer was lost
  if (is_free(*lease, watch)) return replace(connection, *lease);
  if (!std::exchange(announced, true)) {
    log::info("standing by: host {} pid {} is the writer of pipeline {}", lease->holder.host,
              lease->holder.pid, pipeline);
  }
  return false;
}

bool Lease::is_free(const LeaseRecord& lease, Watch& watch) const {
  if (lease.released || is_dead(lease.holder)) return true;
  const auto now = Clock::now();
  const bool blinked = now - watch.seen > kLongestBlink;
  watch.seen = now;
  if (blinked || lease.owner != watch.owner || lease.renewals != watch.renewals) {
    watch.owner = lease.owner;
    watch.renewals = lease.renewals;
    watch.moved = now;
    return false;
  }
  return now - watch.moved >= kStaleAfter;
}

void Lease::put_claim(Bson& set) const {
  set.put_text("pipeline", context_.options.pipeline).put_text("kind", "lease").put_text("owner", owner_);
  set.put_text("host", self_.host).put_text("machine", self_.machine).put_long("pid", self_.pid);
  set.put_long("started", self_.started).put_now("since").put_long("epoch", 0).put_bool("released", false);
}

// The collection may not be there yet: an upsert creates it.
Result<bool> Lease::create(Connection& connection) {
  Bson document;
  put_claim(document);
  document.put_long("renewals", 1);
  BsonList statements;
  statements.add(Bson()
                     .put("q", Bson().put_text("_id", lease_id(context_.options.pipeline)))
                     .put("u", Bson().put("$setOnInsert", document))
                     .put_bool("upsert", true));
  const Bson command =
      std::move(Bson().put_text("update", kPositions).put_array("updates", statements.elements()));
  const Bson options = context_.durable();
  Tried<Bson> created = connection.write(context_.options.database, command, &options, "creating the lease");
  if (created) return !documents_at(created->get(), "upserted").empty();
  if (created.error().kind == FailureKind::kDuplicateKey) return false;
  return fail(created.error().error);
}

Result<bool> Lease::replace(Connection& connection, const LeaseRecord& lease) {
  Bson filter;
  filter.put_text("_id", lease_id(context_.options.pipeline)).put_text("owner", lease.owner);
  filter.put_unsigned("renewals", lease.renewals);
  Bson set;
  put_claim(set);
  const Bson update = std::move(Bson().put("$set", set).put("$inc", Bson().put_long("renewals", 1)));
  BsonList statements;
  statements.add(Bson().put("q", filter).put("u", update));
  const Bson command =
      std::move(Bson().put_text("update", kPositions).put_array("updates", statements.elements()));
  const Bson options = context_.durable();
  PENSTOCK_ASSIGN(const Bson reply, to_result(connection.write(context_.options.database, command, &options,
                                                               "taking the lease over")));
  const bool won = unsigned_at(reply.get(), "n") == 1;
  if (won && !lease.released) {
    log::info("took the lease over from host {} pid {}, which is gone", lease.holder.host, lease.holder.pid);
  }
  return won;
}

void Lease::renew(const std::stop_token& stop) {
  Connection connection(context_.clients);
  while (sleep_unless_stopped(stop, kRenewEvery)) {
    Bson filter;
    filter.put_text("_id", lease_id(context_.options.pipeline)).put_text("owner", owner_);
    Bson update;
    update.put("$inc", Bson().put_long("renewals", 1));
    update.put("$set", Bson().put_unsigned("epoch", epoch_));
    BsonList statements;
    statements.add(Bson().put("q", filter).put("u", update));
    const Bson command =
        std::move(Bson().put_text("update", kPositions).put_array("updates", statements.elements()));
    const Bson options = context_.durable();
    Tried<Bson> renewed =
        connection.write(context_.options.database, command, &options, "renewing the lease");
    if (!renewed) {
      log::debug("{}", renewed.error().error.message);
      continue;
    }
    if (unsigned_at(renewed->get(), "n") == 1) continue;
    held_ = false;
    log::warn("another process has taken over the lease of pipeline {}", context_.options.pipeline);
    return;
  }
}

void Lease::release() {
  Connection connection(context_.clients);
  Bson filter;
  filter.put_text("_id", lease_id(context_.options.pipeline)).put_text("owner", owner_);
  BsonList statements;
  statements.add(Bson().put("q", filter).put("u", Bson().put("$set", Bson().put_bool("released", true))));
  const Bson command =
      std::move(Bson().put_text("update", kPositions).put_array("updates", statements.elements()));
  const Bson options = context_.durable();
  const Tried<Bson> released =
      connection.write(context_.options.database, command, &options, "releasing the lease");
  if (!released) log::debug("{}", released.error().error.message);
}

}  // namespace penstock::mongo
