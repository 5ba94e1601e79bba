// A TRUNCATE is a record in one partition of its topic: in the others, rows that came before it may not have
// been read yet, and rows that came after it may have been applied already.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "backbone/consumer.h"
#include "backbone/topic_intakes.h"
#include "base/result.h"
#include "model/event_batch.h"
#include "model/places.h"

namespace penstock::backbone {

// A truncate that was read and not handed out.
struct HeldTruncate {
  PartitionId partition;
  Place after;               // behind it
  envelope::Place place;     // where it stands in the source
  std::int64_t millis = -1;  // the record's timestamp
  EventBatchPtr batch;       // it alone
};

// Takes the batch's last event, a truncate, out of it.
HeldTruncate held_truncate(const PartitionId& partition, const envelope::Place& place, const Place& after,
                           EventBatch& batch);

// Whether a change stands behind another one in the source.
bool comes_after(const envelope::Place& change, const envelope::Place& other);

class TruncateOrder {
 public:
  using SendCommit = std::function<Status(const EventBatchPtr&, Places)>;
  // `places`: where everything handed out ends; moved on. `send`: of a batch and the places it leads to.
  TruncateOrder(Consumer& consumer, TopicIntakes& intakes, Places& places, SendCommit send)
      : consumer_(consumer), intakes_(intakes), places_(places), send_(std::move(send)) {}

  // Hands out what comes before the truncate in the topic's other partitions; then, in one source
  // transaction, the truncate with what comes after it there and was applied already. An earlier truncate met
  // on the way goes first, and alone: the given one will be read again. The consumer's assignment is lost.
  // What cannot be read is left to reading on.
  Status carry_out(HeldTruncate truncate, std::stop_token stop);

 private:
  struct Round;
  Result<bool> take(Round& round, const ConsumedRecord& record);
  Status read_before(Round& round, std::stop_token stop);
  Status read_after(const HeldTruncate& truncate, std::stop_token stop);

  Consumer& consumer_;
  TopicIntakes& intakes_;
  Places& places_;
  const SendCommit send_;
};

}  // namespace penstock::backbone
