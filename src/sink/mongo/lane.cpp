#include "sink/mongo/lane.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/check.h"
#include "base/log.h"
#include "model/kept_state.h"
#include "sink/mongo/apply/clear.h"
#include "sink/mongo/stage/dead_letter.h"
#include "sink/mongo/state/generations.h"
#include "sink/mongo/state/load_writes.h"
#include "sink/mongo/worker/lane_writes.h"

namespace penstock::mongo {
namespace {

constexpr unsigned kMaxConflicts = 8;
constexpr unsigned kMaxTwinConflicts = 1200;  // longer than the server lets a dead writer's transaction live
constexpr unsigned kHeldConflicts = 48;       // three seconds
constexpr unsigned kMaxCarefulGroups = 64;
constexpr int kNoSuchTransaction = 251;
constexpr std::chrono::seconds kLongTransaction(5);
constexpr std::chrono::seconds kLongCommit(
    90);                                  // longer than the server lets a dead writer's transaction live
constexpr std::size_t kClearStep = 2000;  // documents per transaction when clearing in steps

std::size_t inserts_of(const EncodedGroup& group) {
  std::size_t count = 0;
  for (const StagedSegment& segment : group.segments) {
    for (const CollectionWrites& writes : segment.collections) count += writes.inserts.items.size();
  }
  return count;
}

Status gone(const std::string& id) {
  return fail(ErrorKind::kDivergence, "the position document " + id + " in " + kPositions + " was removed",
              "start penstock again: without stored state it loads the tables anew");
}

}  // namespace

Lane::Lane(Context& context, std::size_t number)
    : context_(context),
      number_(number),
      id_(number == 0 ? stream_lane_id(context.options.pipeline)
                      : load_lane_id(context.options.pipeline, number)) {}

Lane::Lane(Context& context, std::string worker_id)
    : context_(context), number_(0), id_(std::move(worker_id)), worker_(true) {}

Lane::Lane(Context& context, PartitionId partition)
    : context_(context),
      number_(0),
      id_(partition_owner(context.options.pipeline, partition)),
      worker_(true),
      partition_(std::move(partition)) {}

Status Lane::open() {
  if (!connection_) connection_ = std::make_unique<Connection>(context_.clients);
  if (session_ || !context_.transactional()) return {};
  PENSTOCK_ASSIGN(session_, Session::start(*connection_));
  return {};
}

void Lane::start(LaneRecord record) { record_ = std::move(record); }

void Lane::start(LaneRecord record, Places owned, std::map<std::string, std::string> tables) {
  record_ = std::move(record);
  owned_ = std::move(owned);
  tables_ = std::move(tables);
}

Bson Lane::at(std::uint64_t sequence) const {
  Bson filter;
  if (partition_) {
    filter.put("_id", shared_place_id(context_.options.pipeline, *partition_)).put_text("owner", id_);
  } else {
    filter.put_text("_id", id_).put_unsigned("epoch", record_.epoch);
  }
  filter.put_unsigned("sequence", sequence);
  return filter;
}

Bson Lane::as_left() const {
  Bson filter = at(record_.sequence);
  if (number_ == 0 && !partition_) put_position_filter(filter, record_.position);
  return filter;
}

Tried<bool> Lane::update_lane(const Bson& filter, const Bson& set, const Bson* options,
                              const std::string& what) {
  BsonList statements;
  statements.add(Bson().put("q", filter).put("u", Bson().put("$set", set)));
  Bson command;
  command.put_text("update", partition_ ? kOffsets : kPositions);
  command.put_array("updates", statements.elements());
  PENSTOCK_ATTEMPT_ASSIGN(const Bson reply,
                          connection_->write(context_.options.database, command, options, what));
  return unsigned_at(reply.get(), "n") == 1;
}

// The compare-and-set that every group goes through.
Tried<bool> Lane::advance(const EncodedGroup& group, const Bson* options) {
  Bson set;
  set.put_unsigned("sequence", record_.sequence + 1).put_unsigned("group", group.token).put_now("updated_at");
  if (group.group().position) put_position(set, *group.group().position);
  if (group.group().pending) put_pending(set, *group.group().pending);
  if (group.group().last_commit_micros != 0)
    set.put_long("last_commit_micros", group.group().last_commit_micros);
  if (partition_)
    for (const auto& [partition, place] : group.group().places) set.append(place_fields(place));
  return update_lane(as_left(), set, options, "writing the position");
}

Tried<bool> Lane::fence(const Bson* options) {
  return update_lane(as_left(), Bson().put_now("clearing_at"), options, "checking the position");
}

Tried<bool> Lane::is_as_left() {
  Find find;
  find.filter = as_left();
  find.limit = 1;
  PENSTOCK_ATTEMPT_ASSIGN(
      const std::vector<Bson> found,
      connection_->find(context_.options.database, kPositions, find, nullptr, "reading the position"));
  return !found.empty();
}

Result<CommitResult> Lane::commit(StagedGroup& staged) {
  auto& group = static_cast<EncodedGroup&>(staged);
  PENSTOCK_CHECK(number_ == 0 || !group.group().position);
  if (record_.epoch == 0) return fail(ErrorKind::kInternal, "a lane commits before the sink has taken over");
  mode_ = careful_groups_ > 0 ? InsertMode::kLookUp : InsertMode::kOptimistic;
  if (!context_.transactional()) mode_ = InsertMode::kUpsert;
  duplicates_ = false;
  group.refused_whole = false;
  unsigned conflicts = 0;
  commit_began_ = std::chrono::steady_clock::now();
  for (;;) {
    attempt_began_ = std::chrono::steady_clock::now();
    Applier applier(*connection_, context_.options.database, context_.options.pipeline,
                    session_ ? &session_->options() : nullptr, mode_);
    applier.ask_for(group.group().rereads);
    Tried<bool> done = attempt(group, applier);
    if (done && *done) {
      PENSTOCK_TRY(to_result(publish(group)));
      learn(applier, inserts_of(group));
      committed(group);
      return std::move(group.last_try);
    }
    if (session_) session_->abort();
    if (done) return find_out(group);
    group.refused_whole = is_too_large(done.error());
    PENSTOCK_TRY(recover(group, applier, done.error(), conflicts));
  }
}

Tried<bool> Lane::attempt(EncodedGroup& group, Applier& applier) {
  PENSTOCK_ATTEMPT_ASSIGN(bool unchanged, clear_ahead(group));
  if (!unchanged) return false;
  PENSTOCK_ATTEMPT_ASSIGN(unchanged, prepare(group));
  if (!unchanged) return false;
  if (group.only_position()) {
    const Bson options = context_.durable();
    group.last_try = CommitResult{};
    return advance(group, &options);
  }
  return session_ ? attempt_transaction(group, applier) : attempt_plainly(group, applier);
}

Tried<bool> Lane::attempt_transaction(EncodedGroup& group, Applier& applier) {
  PENSTOCK_ATTEMPT(session_->begin());
  PENSTOCK_ATTEMPT_ASSIGN(const bool advanced, advance(group, &session_->options()));
  if (!advanced) return false;
  PENSTOCK_ATTEMPT(applier.apply(group));
  if (worker_)
    PENSTOCK_ATTEMPT(
        write_origins(*connection_, context_, id_, applier.rereads(), owned_, tables_, &session_->options()));
  PENSTOCK_ATTEMPT(write_state(group, &session_->options()));
  group.last_try = CommitResult{applier.rereads(), group.dead_letters.size(), duplicates_};
  PENSTOCK_ATTEMPT(session_->commit());
  return true;
}

// Without transactions: documents first and the position after them, so that a crash between replays.
// Replaying converges because every insert replaces what is there.
Tried<bool> Lane::attempt_plainly(EncodedGroup& group, Applier& applier) {
  PENSTOCK_ATTEMPT_ASSIGN(const bool unchanged, is_as_left());
  if (!unchanged) return false;
  PENSTOCK_ATTEMPT(applier.apply(group));
  PENSTOCK_ATTEMPT(write_state(group, nullptr));
  group.last_try = CommitResult{applier.rereads(), group.dead_letters.size(), false};
  const Bson options = context_.durable();
  return advance(group, &options);
}

// Collections are made and renamed outside transactions, after a look that we are still the writer.
Tried<bool> Lane::prepare(const EncodedGroup& group) {
  if (!group.group().prepare) return true;
  const Bson options = context_.durable();
  PENSTOCK_ATTEMPT_ASSIGN(const bool ours, fence(&options));
  if (!ours) return false;
  PENSTOCK_ATTEMPT(prepare_target(*connection_, context_.options, *group.group().prepare));
  return true;
}

Tried<void> Lane::publish(const EncodedGroup& group) {
  if (!group.group().publish) return {};
  return publish_target(*connection_, context_.options, *group.group().publish);
}

Tried<bool> Lane::clear_ahead(EncodedGroup& group) {
  for (const StagedSegment& segment : group.segments) {
    for (const ClearStep& step : segment.clears) {
      PENSTOCK_ATTEMPT_ASSIGN(const bool unchanged, clear_in_steps(step));
      if (!unchanged) return false;
    }
  }
  return true;
}

// A large TRUNCATE does not fit into a transaction: all but the last documents go before it, each step under
// the fence. A group that was committed before moves the fence, so that what followed its TRUNCATE is safe.
Tried<bool> Lane::clear_in_steps(const ClearStep& step) {
  const std::string& database = context_.options.database;
  const Bson* options = session_ ? &session_->options() : nullptr;
  const std::size_t enough = context_.options.clear_in_group;
  for (;;) {
    PENSTOCK_ATTEMPT_ASSIGN(std::vector<Bson> ids,
                            still_to_clear(*connection_, database, step, enough + kClearStep));
    if (ids.size() <= enough) return true;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), kClearStep)), ids.end());
    if (session_) PENSTOCK_ATTEMPT(session_->begin());
    PENSTOCK_ATTEMPT_ASSIGN(const bool unchanged, fence(options));
    if (!unchanged) return false;
    PENSTOCK_ATTEMPT(clear_some(*connection_, database, step, ids, options));
    if (session_) PENSTOCK_ATTEMPT(session_->commit());
  }
}

// What must be durable with the documents: finished chunks, answered re-reads, and how far a table's load is.
Tried<void> Lane::write_state(const EncodedGroup& group, const Bson* options) {
  if (group.group().chunk)
    PENSTOCK_ATTEMPT(write_chunk(*connection_, context_, *group.group().chunk, options));
  if (group.group().step)
    PENSTOCK_ATTEMPT(write_step(*connection_, context_, group.group().step->table, options));
  if (!group.group().places.empty()) PENSTOCK_ATTEMPT(write_places(group.group().places, options));
  return {};
}

Tried<void> Lane::write_places(const Places& places, const Bson* options) {
  if (partition_) return {};  // advance() has
  if (worker_) return write_owned_places(*connection_, context_, id_, places, options);
  Bulk bulk(*connection_, context_.options.database, kOffsets, options);
  for (const auto& [partition, place] : places)
    bulk.replace(Bson().put("_id", place_id(context_.options.pipeline, partition)),
                 place_document(context_.options.pipeline, partition, place));
  PENSTOCK_ATTEMPT(bulk.execute("writing the offsets"));
  return {};
}

Status Lane::recover(EncodedGroup& group, Applier& applier, const Failure& failure, unsigned& conflicts) {
  switch (failure.kind) {
    case FailureKind::kDuplicateKey:
      if (mode_ == InsertMode::kUpsert && conflicts++ >= kMaxConflicts) return fail(failure.error);
      mode_ = mode_ == InsertMode::kOptimistic ? InsertMode::kLookUp : InsertMode::kUpsert;
      duplicates_ = true;
      return {};
    case FailureKind::kDocument:
      return park(group, applier.culprit(), failure);
    case FailureKind::kConflict:
      if (group.refused_whole) return fail(failure.error);
      if (++conflicts > (partition_ ? kMaxTwinConflicts : kMaxConflicts)) return fail(failure.error);
      if (when_held_ && conflicts % kHeldConflicts == 0) when_held_();
      std::this_thread::sleep_for(std::chrono::milliseconds(1LL << std::min(conflicts, 6U)));
      return {};
    case FailureKind::kUnavailable:
    case FailureKind::kUniqueIndex:
    case FailureKind::kRefused:
      break;
  }
  return fail(failure.error);
}

// The server ends a transaction that has lasted too long, and its next command finds none. One that does not
// fit into the server's cache is a conflict with nobody, again and again.
bool Lane::is_too_large(const Failure& failure) const {
  if (failure.too_large) return true;
  if (!partition_ || failure.kind != FailureKind::kConflict) return false;
  const auto now = std::chrono::steady_clock::now();
  if (failure.code == kNoSuchTransaction && now - attempt_began_ >= kLongTransaction) return true;
  return now - commit_began_ >= kLongCommit;
}

// One document that the server does not take: it becomes a dead letter, or ends the pipeline.
Status Lane::park(EncodedGroup& group, const Applier::Culprit& culprit, const Failure& failure) {
  if (culprit.item == nullptr) return fail(failure.error);
  const DocumentShape& shape = *culprit.writes->shape;
  const std::string row = describe_id(shape, culprit.writes->named(*culprit.run, *culprit.item));
  if (kept::is_kept(shape.collection)) return fail(refused_to_keep(row, failure.error));
  const Error error = make_error(
      ErrorKind::kRejectedDocument,
      row + " at " + to_string(culprit.item->commit_lsn) + " was refused. " + failure.error.message,
      "correct the row, the validation rules or the index of " + shape.collection +
          ", or set `errors: dead_letter` to park such rows and go on");
  if (!context_.options.dead_letters) return fail(error);
  culprit.item->refused = true;
  group.dead_letters.push_back(
      dead_letter_of(context_.options.pipeline, shape, *culprit.run, *culprit.item, error));
  return {};
}

void Lane::committed(const EncodedGroup& group) {
  ++record_.sequence;
  if (group.group().position) record_.position = *group.group().position;
  if (worker_) merge(owned_, group.group().places);
}

// Reloading over existing documents makes every optimistic try a loss: after one, some groups look first.
void Lane::learn(const Applier& applier, std::size_t inserts) {
  if (inserts == 0) return;
  if (duplicates_) {
    careful_run_ = std::min(std::max(1U, 2 * careful_run_), kMaxCarefulGroups);
    careful_groups_ = careful_run_;
  } else if (careful_groups_ > 0) {
    --careful_groups_;
    if (applier.existing() == 0) careful_groups_ = 0;
  } else {
    careful_run_ = 0;
  }
}

// The position document is not as we left it: the group was committed before, or we are not the writer any
// more.
Result<CommitResult> Lane::find_out(EncodedGroup& group) {
  Bson ours = at(record_.sequence + 1);
  ours.put_unsigned("group", group.token);
  if (group.group().position) put_position_filter(ours, *group.group().position);
  const Bson options = context_.durable();
  // A write: its majority acknowledgement vouches for the commit before it.
  PENSTOCK_ASSIGN(const bool was_committed,
                  to_result(update_lane(ours, Bson().put_now("confirmed_at"), &options,
                                        "asking whether a group was committed")));
  if (was_committed) {
    PENSTOCK_TRY(to_result(publish(group)));
    committed(group);
    return std::move(group.last_try);
  }
  if (partition_)
    return fail(ErrorKind::kFenced, "another writer has applied records of " + to_string(*partition_) +
                                        " meanwhile; nothing was written");
  Find find;
  find.filter.put_text("_id", id_);
  PENSTOCK_ASSIGN(const std::vector<Bson> found,
                  to_result(connection_->find(context_.options.database, kPositions, find, nullptr,
                                              "reading the position")));
  if (found.empty() && worker_)
    return fail(ErrorKind::kFenced, "another worker has taken over a partition of ours; nothing was written");
  if (found.empty()) return fail(gone(id_).error());
  const LaneRecord stored = lane_from(found.front());
  if (stored.epoch > record_.epoch) {
    return fail(ErrorKind::kFenced, "another writer has taken over the pipeline " +
                                        context_.options.pipeline + " (epoch " +
                                        std::to_string(stored.epoch) + ", ours was " +
                                        std::to_string(record_.epoch) + "); nothing was written");
  }
  return fail(ErrorKind::kDivergence,
              "the position document " + id_ + " was changed by somebody else: it says " +
                  to_string(stored.position) + ", expected " + to_string(record_.position),
              "find out who writes to " + std::string(kPositions) + ", then run `penstock resync`");
}

Status Lane::store_source(const SourceIdentity& source, const Position& position) {
  PENSTOCK_CHECK(number_ == 0);
  Bson set;
  put_source(set, source);
  put_position(set, position);
  set.put_bool("restart", false).put_now("updated_at");
  Bson filter;  // not on the position: a second call after an unknown first one sets the same
  filter.put_text("_id", id_).put_unsigned("epoch", record_.epoch).put_unsigned("sequence", record_.sequence);
  if (!context_.options.shared) filter.put("shared", Bson().put_bool("$ne", true));
  const Bson options = context_.durable();
  PENSTOCK_ASSIGN(const bool stored,
                  to_result(update_lane(filter, set, &options, "storing the source's identity")));
  if (!stored) {
    return fail(ErrorKind::kFenced,
                "another writer has taken over the pipeline " + context_.options.pipeline);
  }
  record_.source = source;
  record_.position = position;
  return {};
}

}  // namespace penstock::mongo
