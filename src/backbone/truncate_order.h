// A TRUNCATE is a record in one partition of its topic: in the others, rows that came before it may not have
// been read yet, and rows that came after it may have been applied already.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "backbone/consumer.h"
#include "backbone/topic_intakes.h"
#include "base/result.h"
#include "model/event_batch.h"
#include "model/places.h"

namespace penstock::backbone {

// A truncate that was read and not handed out.
struct HeldTruncate {
  PartitionId partition;
  Place after;                // behind it
  envelope::RecordHead head;  // where it stands in the source
  std::int64_t millis = -1;   // the record's timestamp
  EventBatchPtr batch;        // it alone
};

// Takes the batch's last event, a truncate, out of it.
HeldTruncate held_truncate(const PartitionId& partition, envelope::RecordHead head, const Place& after,
                           EventBatch& batch);

// Whether a change stands behind another one in the source.
bool comes_after(const envelope::Place& change, const envelope::Place& other);

// A record that was applied once joins the truncate where it stands behind it, because the truncate empties
// its row. What reading it fails with, but for what dead letters are for: then it is parked, perhaps once
// more.
Status apply_again(HeldTruncate& truncate, TopicIntake& intake, const ConsumedRecord& record,
                   bool dead_letters);

class TruncateOrder {
 public:
  struct Callbacks {
    std::function<Status(const EventBatchPtr&, Places)> send;  // a batch and the places it leads to
    // Of a record that `send` hands out for the first time, or that is left out.
    std::function<void(const envelope::RecordHead&, const PartitionId&)> handed_out;
  };
  // `places`: where everything handed out ends; moved on. `dead_letters`: records that cannot be read are
  // parked.
  TruncateOrder(Consumer& consumer, TopicIntakes& intakes, Places& places, bool dead_letters, Callbacks out)
      : consumer_(consumer),
        intakes_(intakes),
        places_(places),
        dead_letters_(dead_letters),
        out_(std::move(out)) {}

  // Hands out what comes before the truncate in the topic's other partitions; then, in one source
  // transaction, or in several where it is much, the truncate with what comes after it there and was applied
  // already. An earlier truncate met on the way goes first, and alone: the given one will be read again. The
  // consumer's assignment is lost. What reading a record fails with, but for those that are parked: without
  // it the truncate would take away, or leave, rows that it must not.
  Status carry_out(HeldTruncate truncate, std::stop_token stop);

 private:
  struct Round;
  Result<bool> take(Round& round, const ConsumedRecord& record);
  Status read_before(Round& round, std::stop_token stop);
  Status send_part(HeldTruncate& truncate);
  Status read_after(HeldTruncate& truncate, std::stop_token stop);

  Consumer& consumer_;
  TopicIntakes& intakes_;
  Places& places_;
  const bool dead_letters_;
  const Callbacks out_;
};

}  // namespace penstock::backbone
