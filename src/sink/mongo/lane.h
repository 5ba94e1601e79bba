// One lane: a connection, a session and a position document that only it writes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "model/position.h"
#include "sink/document_sink.h"
#include "sink/mongo/apply/applier.h"
#include "sink/mongo/context.h"
#include "sink/mongo/state/records.h"

namespace penstock::mongo {

class Lane : public DocumentLane {
 public:
  Lane(Context& context, std::size_t number);
  // A worker's (worker/claims.h): the offsets of the partitions that it owns go with its groups.
  Lane(Context& context, std::string worker_id);
  // Of a partition that several writers may write for at the same time (worker/partition_sink.h): its place
  // is the position document. kFenced from commit(): it is not as it was at start().
  Lane(Context& context, PartitionId partition);

  // Opens the session whose id take_over() stores. Again after a lost connection: keeps what is open.
  Status open();
  std::string session_id() const { return session_ ? session_->id() : std::string(); }
  // The position document says `record`, and its epoch is ours.
  void start(LaneRecord record);
  // Of a worker: with every partition that it owns, and the table of each topic.
  void start(LaneRecord record, Places owned, std::map<std::string, std::string> tables);
  const std::string& id() const { return id_; }
  // Of a partition: called while another writer's transaction has held it for some seconds: it may be dead.
  void when_held(std::function<void()> call) { when_held_ = std::move(call); }

  Result<CommitResult> commit(StagedGroup& group) override;
  // Lane 0: a plain compare-and-set that stores who the source is.
  Status store_source(const SourceIdentity& source, const Position& position);

 private:
  // Each false: the position document is not as we left it.
  Tried<bool> attempt(EncodedGroup& group, Applier& applier);
  Tried<bool> attempt_transaction(EncodedGroup& group, Applier& applier);
  Tried<bool> attempt_plainly(EncodedGroup& group, Applier& applier);
  Tried<bool> clear_ahead(EncodedGroup& group);
  Tried<bool> clear_in_steps(const ClearStep& step);
  Tried<bool> prepare(const EncodedGroup& group);
  Tried<void> publish(const EncodedGroup& group);
  Tried<bool> advance(const EncodedGroup& group, const Bson* options);
  Tried<bool> fence(const Bson* options);
  Tried<bool> is_as_left();
  Tried<bool> update_lane(const Bson& filter, const Bson& set, const Bson* options, const std::string& what);
  Tried<void> write_state(const EncodedGroup& group, const Bson* options);
  Tried<void> write_places(const Places& places, const Bson* options);

  // Whether the failure is dealt with, so that the group may be tried again.
  Status recover(EncodedGroup& group, Applier& applier, const Failure& failure, unsigned& conflicts);
  // What to do about a conflict but to try again: nothing, or less at once.
  bool is_too_large(const Failure& failure) const;
  Status park(EncodedGroup& group, const Applier::Culprit& culprit, const Failure& failure);
  Result<CommitResult> find_out(EncodedGroup& group);
  void committed(const EncodedGroup& group);
  void learn(const Applier& applier, std::size_t inserts);
  Bson at(std::uint64_t sequence) const;
  Bson as_left() const;  // filter on {epoch, sequence, previous position}

  Context& context_;
  const std::size_t number_;
  const std::string id_;
  const bool worker_ = false;
  const std::optional<PartitionId> partition_;
  std::function<void()> when_held_;
  Places owned_;  // of a worker, as committed
  std::map<std::string, std::string> tables_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Session> session_;
  LaneRecord record_;
  InsertMode mode_ = InsertMode::kOptimistic;
  bool duplicates_ = false;      // met while committing the present group
  unsigned careful_groups_ = 0;  // groups left to commit in kLookUp before the next optimistic try
  unsigned careful_run_ = 0;     // how many the last run of them had
  std::chrono::steady_clock::time_point commit_began_, attempt_began_;
};

}  // namespace penstock::mongo
