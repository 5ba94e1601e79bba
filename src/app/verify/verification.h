// Compares MongoDB's documents with PostgreSQL's rows at one position, while both are live.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "app/settings.h"
#include "app/verify/verify_report.h"
#include "base/result.h"

namespace penstock::app {

struct VerifyRequest {
  std::vector<std::string> collections;  // by name
  double sample = 1;
  std::string folder;  // for temporary files; exists
};

// 1. A temporary slot gives a position and a snapshot of the tables; they are read.
// 2. A snapshot of MongoDB that includes this position says where the pipeline stands in it: P.
// 3. The slot is streamed up to P. The documents are made anew, and compared in the snapshot.
// Where MongoDB does not keep the snapshot long enough, another P is taken in between, and what changed up to
// it is compared (again).
// Of an `apply` pipeline P is an LSN that the topics and the documents include, and documents may be newer:
// what differs is compared again at later positions, until nothing does or nothing changed in between.
// kCheckFailed when the pipeline does not run and stands before the snapshot.
Result<VerifyReport> verify(const Settings& settings, const VerifyRequest& request, std::stop_token stop);

}  // namespace penstock::app
