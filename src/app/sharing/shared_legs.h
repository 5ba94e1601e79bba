// The legs of a worker, each in a thread of its own.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <thread>

#include "app/commands/options.h"
#include "app/settings.h"
#include "base/result.h"
#include "model/places.h"

namespace penstock::mongo {
class Clients;
}  // namespace penstock::mongo

namespace penstock::app {

// A function in a thread, looked at by one other.
class Leg {
 public:
  explicit Leg(std::function<Status(std::stop_token)> run);
  bool ended() const { return ended_; }
  void request_stop() { thread_.request_stop(); }
  // Waits for its end.
  Status outcome();

 private:
  std::atomic<bool> ended_ = false;
  Status outcome_;
  std::jthread thread_;
};

// Whether an error comes to an end by itself: an outage, or partitions that another worker has now.
bool passes(const Error& error);

// What all legs of a process have in common. The clients outlive them: a leg lasts only as long as an
// assignment.
struct Sharing {
  Settings settings;  // of the collections that the leg writes
  ApplyOptions options;
  std::shared_ptr<mongo::Clients> clients;
};

struct PlainShare {
  std::set<PartitionId> partitions;
  std::function<void(const Places&)> tell_group;
};
// One assignment, from taking it over until a stop, which drains.
Status run_plain(const Sharing& sharing, const PlainShare& share, std::stop_token stop);
// Waits until this worker leads, again and again.
Status run_models(const Sharing& sharing, std::stop_token stop);

// The settings with the collections of one kind only.
Settings only(const Settings& settings, bool plain);

}  // namespace penstock::app
