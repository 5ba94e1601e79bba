// Who owns which partition among workers that share a pipeline.
//   penstock_positions  {_id: "<pipeline>", shared: true, shared_slot, …}: the pipeline is a shared one; the
//   rest is the
//                       lane of whoever writes the read models
//                       {_id: "<pipeline>/worker-<uuid>", kind: "worker", …}: a worker's lane, as long as one
//                       of its assignments lasts
//   penstock_offsets    {_id: {pipeline, topic, partition, shared: true}, owner, worker, taken_over_at,
//   definition,
//                       and model/places.h}
// A worker's transactions compare-and-set its lane's document and nothing else. Whoever takes a partition
// over first removes the lane that owns it: from then on that lane can commit nothing, in none of its
// partitions.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "model/places.h"
#include "sink/mongo/client.h"
#include "sink/mongo/context.h"
#include "sink/mongo/state/records.h"

namespace penstock::mongo {

// Partitions, each with what its documents are made with: where that differs from what is stored, the
// partition begins anew.
using Shares = std::map<PartitionId, std::string>;

// The pipeline is a shared one from now on. kConfiguration: one writer has applied it until now.
Status become_shared(Connection& connection, const Context& context);
// kConfiguration: workers share it.
Status check_unshared(Connection& connection, const Context& context);

// Which Kafka the offsets belong to; empty: nothing is applied yet.
Result<std::string> shared_slot(Connection& connection, const Context& context);
Status store_shared_slot(Connection& connection, const Context& context, const std::string& slot);

// Takes the partitions over for the lane `id` that writes with `session`: afterwards nobody else can write
// for them. Gives the lane's record and fills in the places of partitions that have one; where rows were to
// be read again and were not, that is before the records that asked. kFenced: another worker takes one of
// them over at the same moment; nothing of the lane stays.
Result<LaneRecord> claim(Connection& connection, const Context& context, const std::string& id,
                         const std::string& session, const Shares& shares, Places& places);

}  // namespace penstock::mongo
