// What a lane writes of loads in the transaction of their documents.
#pragma once

#include "model/checkpoint.h"
#include "model/event_batch.h"
#include "sink/mongo/client.h"
#include "sink/mongo/context.h"

namespace penstock::mongo {

// A finished chunk, or the answer to rows that were to be read again.
Tried<void> write_chunk(Connection& connection, const Context& context, const ChunkResult& chunk,
                        const Bson* options);
// How far a table's load is.
Tried<void> write_step(Connection& connection, const Context& context, const TableCheckpoint& table,
                       const Bson* options);

}  // namespace penstock::mongo
