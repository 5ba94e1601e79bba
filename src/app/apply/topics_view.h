// What `status` shows of an `apply` pipeline's topics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/apply/workers_view.h"
#include "app/settings.h"
#include "base/result.h"
#include "model/checkpoint.h"

namespace penstock::app {

struct TopicsView {
  struct Partition {
    std::int32_t number = 0;
    std::optional<std::int64_t> applied;  // the offset of the first record that is not; nothing: not begun
    std::optional<std::int64_t> end;      // nothing: the brokers could not be asked
    std::optional<std::uint64_t> lag;     // offsets between them; 0 where no record lies between
    std::string worker = {};              // that took it over last; empty: nobody, or nothing is shared
  };
  struct Topic {
    std::string table;
    std::string name;
    bool missing = false;  // the brokers have no such topic
    std::vector<Partition> partitions;
  };

  std::string brokers;  // empty: none is named
  std::string cluster;  // that the documents come from, or the brokers' own; empty: unknown
  std::string group;
  std::string error;    // why the brokers could not be asked; empty: they were
  bool looked = false;  // the brokers were asked
  std::vector<Topic> topics;
  std::optional<WorkersView> workers;  // nothing: one process applies it all

  // Nothing where the brokers could not be asked.
  std::optional<std::uint64_t> lag() const;
};

// Fills in what MongoDB knows in any case. Gives the error that `view.error` tells of.
Status look_at_topics(const Settings& settings, const Checkpoint& checkpoint, TopicsView& view);

}  // namespace penstock::app
