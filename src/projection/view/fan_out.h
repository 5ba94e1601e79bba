// Changes shown in more documents than a group holds: tasks with a cursor, kept in the state.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "model/lsn.h"
#include "projection/state/ordered_map.h"
#include "projection/view/summary.h"

namespace penstock {

struct FanOutTask {
  static constexpr std::uint64_t kWhole = UINT64_MAX;

  std::string collection;
  std::uint64_t appearance = kWhole;  // kWhole: every root row, in the order of keys
  std::string start;                  // where its walk begins
  std::string cursor;                 // empty: at the beginning; Walk::text(), or of kWhole the last key
  Cause cause;
  Lsn since;
  // The same change came again under way: once at the end it goes round once more.
  std::optional<Lsn> again;
};

// One thread. Taken in turn, a step of each.
class FanOut {
 public:
  Status open(OrderedMaps& maps);
  void close() { map_.reset(); }
  Status add(FanOutTask task);
  bool empty() const { return tasks_.empty(); }
  std::optional<Lsn> oldest() const;
  // The next in turn; null: there is none. Lives until it is ended or dropped.
  FanOutTask* next();
  // One of this collection's.
  FanOutTask* next_of(const std::string& collection);
  // The task that was given last: it was moved on, or has reached its end.
  Status moved_on();
  Status ended();
  Status drop(const std::string& collection);

 private:
  static std::string name_of(const FanOutTask& task);
  Status store(std::uint64_t number);

  std::unique_ptr<OrderedMap> map_;
  std::map<std::uint64_t, FanOutTask> tasks_;
  std::unordered_map<std::string, std::uint64_t> names_;
  std::uint64_t current_ = 0;
};

}  // namespace penstock
