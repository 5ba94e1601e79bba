// Whether the documents of an `apply` pipeline include what was committed in PostgreSQL up to an LSN. Offsets
// say nothing of LSNs; but once whoever writes the topics is beyond the LSN, all changes up to it lie before
// the topics' ends of that moment.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "app/apply/topics.h"
#include "app/settings.h"
#include "backbone/capture_position.h"
#include "backbone/consumer.h"
#include "base/result.h"
#include "model/checkpoint.h"
#include "sink/mongo/reader.h"
#include "source/postgres/connection.h"

namespace penstock::app {

// One thread.
class Inclusion {
 public:
  using Clock = std::chrono::steady_clock;

  // kConfiguration when neither a capture's state nor a replication slot tells what is in the topics.
  static Result<std::unique_ptr<Inclusion>> open(const Settings& settings, mongo::Reader& reader, Lsn lsn);

  // True: included, for ever. False: not by `until`, reason() says why; it may be called again. Outages are
  // waited out, one that is there at the end of it is its error. kCancelled.
  Result<bool> wait(Clock::time_point until, std::stop_token stop);
  const std::string& reason() const { return reason_; }
  // True: everything up to the LSN was written to the topics, though perhaps not committed there. False: not
  // known by `until`. Outages are waited out. kCancelled.
  Result<bool> wait_written(Clock::time_point until, std::stop_token stop);
  // Another LSN, over the same connections.
  void want(Lsn lsn);

 private:
  enum class Step { kWritten, kEnds, kApplied, kDone };

  Inclusion(const Settings& settings, mongo::Reader& reader, Lsn lsn)
      : settings_(settings), reader_(reader), lsn_(lsn) {}
  Status connect();
  Result<bool> take_step(Clock::time_point until, std::stop_token stop);
  // Whether everything up to the LSN is in the topics.
  Result<bool> is_written();
  // The same by the slot. `written`: what a capture has written, which may have ended before it confirmed it.
  Result<bool> is_beyond(Lsn written);
  bool nothing_behind(Lsn confirmed);
  Result<bool> has_ends(Clock::time_point until, std::stop_token stop);
  Result<bool> is_applied();

  const Settings& settings_;
  mongo::Reader& reader_;
  Lsn lsn_;
  Step step_ = Step::kWritten;
  std::string reason_;
  std::optional<postgres::Connection> connection_;
  std::unique_ptr<backbone::Consumer> consumer_;     // of committed records
  std::unique_ptr<backbone::Consumer> uncommitted_;  // for ends
  std::vector<std::unique_ptr<backbone::CapturePosition>> captures_;
  Clock::time_point ask_{};   // PostgreSQL
  Clock::time_point peek_{};  // behind what the slot's reader has confirmed
  std::vector<TableTopics> tables_;
  std::map<PartitionId, std::int64_t> ends_;
  std::optional<std::set<std::string>> rereads_;  // asked for when the offsets were reached
};

}  // namespace penstock::app
