#include "app/sharing/shared_apply.h"

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/apply_factory.h"
#include "app/factory.h"
#include "app/sharing/shared_legs.h"
#include "backbone/adoption.h"
#include "backbone/group_member.h"
#include "base/log.h"
#include "sink/mongo/worker/worker_sink.h"

namespace penstock::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPoll{50};
constexpr std::chrono::seconds kPause{1};

// The member of the group and the leg over what it is assigned: each assignment is a leg of its own, also
// where the group gives and takes step by step.
class Worker {
 public:
  Worker(Sharing sharing, std::unique_ptr<backbone::GroupMember> member)
      : sharing_(std::move(sharing)), member_(std::move(member)) {}

  // One look at the group and the leg.
  Status turn() {
    PENSTOCK_TRY(member_->poll(kPoll));
    if (leg_ && (member_->revoking() || member_->assigned() != reads_)) leg_->request_stop();
    if (leg_ && leg_->ended()) PENSTOCK_TRY(judge());
    if (leg_) return {};
    if (member_->revoking()) {
      member_->give_back();
    } else if (!member_->assigned().empty() && Clock::now() >= next_) {
      begin();
    }
    return {};
  }

  // Drains while the group is still served.
  Status end() {
    if (!leg_) return {};
    leg_->request_stop();
    while (!leg_->ended()) PENSTOCK_TRY(member_->poll(kPoll));
    return judge();
  }

 private:
  void begin() {
    PlainShare share;
    share.partitions = reads_ = member_->assigned();
    share.tell_group = [this](const Places& applied) { member_->commit(applied); };
    leg_ = std::make_unique<Leg>([this, share = std::move(share)](std::stop_token stop) {
      return run_plain(sharing_, share, std::move(stop));
    });
  }

  Status judge() {
    const Status outcome = leg_->outcome();
    leg_.reset();
    if (outcome) return {};
    if (!passes(outcome.error())) return outcome;
    next_ = Clock::now() + kPause;
    if (outcome.error().kind == ErrorKind::kFenced) {
      log::warn("{}; this worker joins the group anew", outcome.error().message);
      member_->rejoin();
    } else {
      log::warn("{}; trying again, nothing is lost", outcome.error().message);
    }
    return {};
  }

  const Sharing sharing_;
  std::unique_ptr<backbone::GroupMember> member_;
  std::unique_ptr<Leg> leg_;     // before the member in the order of ending
  std::set<PartitionId> reads_;  // the leg
  Clock::time_point next_{};
};

Result<std::unique_ptr<Worker>> make_worker(const Sharing& sharing) {
  PENSTOCK_ASSIGN(const auto topics, topics_of(sharing.settings));
  std::vector<std::string> names;
  for (const auto& [topic, share] : topics) names.push_back(topic);
  PENSTOCK_ASSIGN(auto member, join_group(sharing.settings, std::move(names)));
  return std::make_unique<Worker>(sharing, std::move(member));
}

Status check_options(const Settings& plain, const ApplyOptions& options) {
  if (options.until_current)
    return fail(ErrorKind::kUsage,
                "--until-current: a worker that shares the topics does not know when the others are done",
                "penstock wait PIPELINE --lsn LSN, then end the workers with SIGTERM");
  // Rows of two keys can lie in two workers' partitions: nobody would order what they write to one document.
  for (const CollectionSettings& collection : plain.collections)
    if (!collection.spec.id.empty())
      return fail(ErrorKind::kConfiguration,
                  plain.file + ": the collection " + collection.spec.name +
                      " has an `id` of its own, which rows of several workers could have one after the other",
                  "leave `id` out, or apply it by a pipeline of its own without kafka.share");
  return {};
}

// The first worker to do it does it for all; the others find it done, or do the same once more.
Status adopt(const Settings& plain, const ApplyOptions& options) {
  if (options.adopt.empty() || plain.collections.empty()) return {};
  const mongo::Options sink = sink_options(plain, true);
  PENSTOCK_ASSIGN(const bool begun, mongo::workers_have_begun(sink));
  if (begun) {
    log::info("the pipeline has offsets of its own: those of the group {} are not adopted", options.adopt);
    return {};
  }
  PENSTOCK_ASSIGN(const auto topics, topics_of(plain));
  PENSTOCK_ASSIGN(const backbone::Adoption adoption, adopt_group(plain, options));
  mongo::Shares shares;
  for (const auto& [partition, place] : adoption.places) shares[partition] = topics.at(partition.topic);
  return mongo::begin_workers_at(sink, shares, adoption.places, adoption.slot);
}

Status serve(Worker* worker, const Leg* leader, const std::stop_token& stop) {
  while (!stop.stop_requested() && !(leader != nullptr && leader->ended())) {
    if (worker == nullptr) std::this_thread::sleep_for(kPoll);
    if (worker != nullptr) PENSTOCK_TRY(worker->turn());
  }
  return {};
}

}  // namespace

Status apply_shared(const Settings& settings, const ApplyOptions& options, std::stop_token stop) {
  Sharing plain{only(settings, true), options, nullptr};
  PENSTOCK_TRY(check_options(plain.settings, options));
  if (settings.reads_models()) PENSTOCK_TRY(mongo::check_not_kept(sink_options(settings, true)));
  PENSTOCK_TRY(adopt(plain.settings, options));
  plain.options.adopt.clear();
  PENSTOCK_ASSIGN(plain.clients, mongo::open_clients(sink_options(settings, true)));
  Sharing models = plain;
  models.settings = only(settings, false);
  std::unique_ptr<Worker> worker;
  if (!plain.settings.collections.empty()) {
    PENSTOCK_ASSIGN(worker, make_worker(plain));
  }
  std::unique_ptr<Leg> leader;
  if (!models.settings.collections.empty())
    leader = std::make_unique<Leg>([&](std::stop_token ended) { return run_models(models, ended); });
  Status outcome = serve(worker.get(), leader.get(), stop);
  if (leader) leader->request_stop();
  if (worker) {
    const Status ended = worker->end();
    if (outcome) outcome = ended;
    worker.reset();  // the others need not wait for the read models
  }
  if (!leader) return outcome;
  const Status led = leader->outcome();
  return outcome ? led : outcome;
}

}  // namespace penstock::app
