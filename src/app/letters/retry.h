// Has the running pipeline take up the rows of dead letters: only the one writer writes documents, and
// removes the letters in the transaction that answers them.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "model/checkpoint.h"
#include "sink/mongo/letters/letter_box.h"

namespace penstock::app {

struct RetryPlan {
  struct Refused {
    mongo::Letter letter;
    std::string why;  // with what to do instead
  };
  std::string token;                  // of this request
  std::vector<mongo::Letter> chosen;  // whose rows are read again
  std::vector<mongo::Letter> marked;  // these, and all others of their rows: a row is taken up as a whole
  std::vector<Reread> rows;
  std::vector<Refused> refused;
};

// `all`: every letter of the pipeline; `chosen` are among them.
RetryPlan plan_retry(const Settings& settings, const std::vector<mongo::Letter>& chosen,
                     const std::vector<mongo::Letter>& all);

enum class Outcome {
  kWritten,
  kGone,     // no row and no document
  kDone,     // one of the two: the letter names no document
  kFailed,   // again
  kWaiting,  // the time was over
  kNoWriter  // no process runs the pipeline
};

struct RetryResult {
  mongo::Letter letter;  // as it is now; as it was, where it is gone
  Outcome outcome = Outcome::kWaiting;
};

// Stores the request, and waits for the outcome where a process runs the pipeline. kCheckFailed when stopped
// meanwhile: the request stays.
Result<std::vector<RetryResult>> retry(const Settings& settings, const RetryPlan& plan,
                                       std::chrono::milliseconds timeout, std::stop_token stop);

}  // namespace penstock::app
