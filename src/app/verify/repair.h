// Has the running pipeline mend the documents that differ: only the one writer writes documents.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "app/settings.h"
#include "app/verify/verify_report.h"
#include "base/result.h"
#include "model/checkpoint.h"

namespace penstock::app {

struct RepairPlan {
  std::vector<Reread> rows;                       // to be read and written again
  std::vector<std::string> rebuilds;              // collections to be built anew
  std::vector<const mongo::Difference*> by_hand;  // no row's key gives their `_id`
  std::vector<std::string> too_many;              // collections with more differences than are remembered
  std::vector<std::string> collections() const;   // that will change
  bool empty() const { return rows.empty() && rebuilds.empty(); }

 private:
  friend Result<RepairPlan> plan_repair(const Settings& settings, const VerifyReport& report);
  std::vector<std::string> collections_;
};

// Asks PostgreSQL about types. The result borrows from the report.
Result<RepairPlan> plan_repair(const Settings& settings, const VerifyReport& report);

// Stores the requests and waits until they are carried out. False: no process runs the pipeline, its next
// start carries them out.
Result<bool> repair(const Settings& settings, const RepairPlan& plan, std::stop_token stop);

}  // namespace penstock::app
