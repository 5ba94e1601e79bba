// Who owns which partition among workers that share a pipeline.
//   penstock_positions  {_id: "<pipeline>", shared: true, shared_slot, …}: the pipeline is a shared one; the
//                       rest is the lane of whoever writes the read models
//                       {_id: "<pipeline>/worker-<uuid>", kind: "worker", …}: a worker's lane, as long as one
//                       of its assignments lasts
//   penstock_offsets    {_id: {pipeline, topic, partition, shared: true}, owner, worker, taken_over_at,
//                       definition, and model/places.h}
// A worker's transactions compare-and-set its lane's document and nothing else. Whoever takes a partition
// over first removes the lane that owns it: from then on that lane can commit nothing, in none of its
// partitions.
#pragma once

#include <string>

#include "base/result.h"
#include "model/places.h"
#include "sink/mongo/client.h"
#include "sink/mongo/context.h"
#include "sink/mongo/state/records.h"
#include "sink/mongo/worker/shares.h"

namespace penstock::mongo {

// Takes the partitions over for the lane `id` that writes with `session`: afterwards nobody else can write
// for them. Gives the lane's record and fills in the places of partitions that have one; where rows were to
// be read again and were not, that is before the records that asked. kFenced: another worker takes one of
// them over at the same moment; nothing of the lane stays.
Result<LaneRecord> claim(Connection& connection, const Context& context, const std::string& id,
                         const std::string& session, const Shares& shares, Places& places);

// Removes the lane of a worker, or of a load (load_sink.h): from then on it can commit nothing. One that is
// not there is fine.
Status end_lane(Connection& connection, const Context& context, const std::string& id);

}  // namespace penstock::mongo
