// How far a `penstock capture` is, for those who wait for it: from the topic that it keeps its state in.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "backbone/consumer.h"
#include "backbone/state_topic.h"
#include "base/result.h"
#include "model/lsn.h"

namespace penstock::backbone {

std::string state_topic_of(const std::string& capture);  // penstock.NAME.state

// One thread.
class CapturePosition {
 public:
  // Null: no capture of that name ever wrote here. Begins near the topic's end: the position is known once it
  // is among the newest records, or moves.
  static Result<std::unique_ptr<CapturePosition>> open(const ConsumerOptions& options,
                                                       const std::string& capture);

  // What is committed by now, after waiting for up to `patience` for news. All changes of transactions that
  // end at or before it are in their topics, though the last ones may not be readable for committed readers
  // yet. Unset: not known.
  Result<Lsn> through(std::chrono::milliseconds patience);
  // Why rows of tables may not be in the topics although their transactions ended long before: the first load
  // is not complete. Empty: it is. As of the last through().
  std::string why_not_loaded() const;

 private:
  explicit CapturePosition(std::unique_ptr<Consumer> consumer) : consumer_(std::move(consumer)) {}

  std::unique_ptr<Consumer> consumer_;
  StateReader state_;
  Lsn through_;
  std::set<std::string> loading_;
};

}  // namespace penstock::backbone
