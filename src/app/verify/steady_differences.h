// Documents that are written all the time may be newer each time they are looked at. Those that matched once,
// at some position, are not different.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/verify/verify_report.h"

namespace penstock::app {

class SteadyDifferences {
 public:
  // After each look at the documents: what differs.
  void note(const std::vector<mongo::Difference>& differences);
  // None that was newer is among them.
  void note_exact(const std::vector<mongo::Difference>& differences);
  // Whether every document matched at least once.
  bool none() const { return always_.empty(); }
  // Takes the others out.
  void keep_in(VerifyReport& report) const;

 private:
  using Name = std::pair<std::string, std::string>;  // collection, key
  static Name name_of(const mongo::Difference& one) { return {one.collection, one.key}; }

  bool begun_ = false;
  std::set<Name> always_;  // that differed each time
};

}  // namespace penstock::app
