// What `status` shows of the workers that share an `apply` pipeline (docs/apply-workers.md).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "model/checkpoint.h"

namespace penstock::app {

struct WorkersView {
  struct Worker {
    std::string name;                  // host:pid
    std::size_t partitions = 0;        // that it took over last; 0: it stands by
    std::optional<std::uint64_t> lag;  // records of them that it has not applied; nothing: not known
    std::int64_t since_millis = 0;     // when it took the newest of them over
    std::optional<bool> in_group;      // nothing: the brokers could not be asked
  };
  std::vector<Worker> workers;  // by name
};

// Those that MongoDB knows, in the order of their names.
WorkersView workers_of(const SharedPlaces& shared);
// `ends`: behind the last record of each partition.
void put_lag(const SharedPlaces& shared, const std::map<PartitionId, std::int64_t>& ends, WorkersView& view);
// `members`: of the group, by name. One that has no partition is shown too.
void put_members(const std::vector<std::string>& members, WorkersView& view);

// How many workers of the pipeline are in its group now. kKafkaUnavailable, kKafkaRefused.
Result<std::size_t> count_workers(const Settings& settings);

}  // namespace penstock::app
