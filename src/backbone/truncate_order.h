// A TRUNCATE is a record in one partition of its topic: rows that came before it may lie in the others unread,
// and rows that came after it may have been read there already, were it carried out as it comes.
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
  Place after;            // behind it
  envelope::Place place;  // where it stands in the source
  EventBatchPtr batch;    // it alone
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

  // Hands out what comes before the truncate in the topic's other partitions, then the truncate. An earlier
  // truncate met on the way goes first, and alone: the given one will be read again. The consumer's assignment
  // is lost. What cannot be read ends it, as reading on will.
  Status carry_out(HeldTruncate truncate, std::stop_token stop);

 private:
  struct Round;
  Result<bool> take(Round& round, const ConsumedRecord& record);

  Consumer& consumer_;
  TopicIntakes& intakes_;
  Places& places_;
  const SendCommit send_;
};

}  // namespace penstock::backbone
