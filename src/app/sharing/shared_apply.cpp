#include "app/sharing/shared_apply.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/apply_factory.h"
#include "app/sharing/shared_legs.h"
#include "backbone/group_member.h"
#include "base/log.h"

namespace penstock::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPoll{50};
constexpr std::chrono::seconds kPause{1};

// The member of the group and the leg over what it is assigned: each assignment is a leg of its own.
class Worker {
 public:
  Worker(const Settings& settings, const ApplyOptions& options, std::unique_ptr<backbone::GroupMember> member)
      : settings_(settings), options_(options), member_(std::move(member)) {}

  // One look at the group and the leg.
  Status turn() {
    PENSTOCK_TRY(member_->poll(kPoll));
    if (leg_ && member_->revoking()) leg_->request_stop();
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
    share.partitions = member_->assigned();
    share.tell_group = [this](const Places& applied) { member_->commit(applied); };
    leg_ = std::make_unique<Leg>([this, share = std::move(share)](std::stop_token stop) {
      return run_plain(settings_, options_, share, std::move(stop));
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

  const Settings settings_;
  const ApplyOptions options_;
  std::unique_ptr<backbone::GroupMember> member_;
  std::unique_ptr<Leg> leg_;  // before the member in the order of ending
  Clock::time_point next_{};
};

Result<std::unique_ptr<Worker>> make_worker(const Settings& settings, const ApplyOptions& options) {
  PENSTOCK_ASSIGN(const auto topics, topics_of(settings));
  std::vector<std::string> names;
  for (const auto& [topic, definition] : topics) names.push_back(topic);
  PENSTOCK_ASSIGN(auto member, join_group(settings, options, std::move(names)));
  return std::make_unique<Worker>(settings, options, std::move(member));
}

// Rows of two keys can lie in two workers' partitions: nobody would order what they write to one document.
Status check_ids(const Settings& plain) {
  for (const CollectionSettings& collection : plain.collections)
    if (!collection.spec.id.empty())
      return fail(ErrorKind::kConfiguration,
                  plain.file + ": the collection " + collection.spec.name +
                      " has an `id` of its own, which rows of several workers could have one after the other",
                  "leave `id` out, or apply it by a pipeline of its own without kafka.share");
  return {};
}

}  // namespace

Status apply_shared(const Settings& settings, const ApplyOptions& options, std::stop_token stop) {
  const Settings plain = only(settings, true);
  const Settings models = only(settings, false);
  PENSTOCK_TRY(check_ids(plain));
  std::unique_ptr<Worker> worker;
  if (!plain.collections.empty()) {
    PENSTOCK_ASSIGN(worker, make_worker(plain, options));
  }
  std::optional<Leg> leader;
  if (!models.collections.empty())
    leader.emplace(
        [&](std::stop_token leader_stop) { return run_models(models, options, std::move(leader_stop)); });
  Status outcome;
  while (outcome && !stop.stop_requested() && !(leader && leader->ended())) {
    if (worker) {
      outcome = worker->turn();
    } else {
      std::this_thread::sleep_for(kPoll);
    }
  }
  if (leader) leader->request_stop();
  if (worker) {
    const Status ended = worker->end();
    if (outcome) outcome = ended;
  }
  if (leader) {
    const Status led = leader->outcome();
    if (outcome) outcome = led;
  }
  return outcome;
}

}  // namespace penstock::app
