// Whether workers share a pipeline, and from where.
#pragma once

#include <string>

#include "base/result.h"
#include "model/places.h"
#include "sink/mongo/client.h"
#include "sink/mongo/context.h"
#include "sink/mongo/worker/shares.h"

namespace penstock::mongo {

// The pipeline is a shared one from now on. kConfiguration: one writer has applied it until now.
Status become_shared(Connection& connection, const Context& context);
// kConfiguration: workers share it.
Status check_unshared(Connection& connection, const Context& context);

// Which Kafka the offsets belong to; empty: nothing is applied yet.
Result<std::string> shared_slot(Connection& connection, const Context& context);
// kDivergence: they belong to another one.
Status store_shared_slot(Connection& connection, const Context& context, const std::string& slot);

// First places that nobody owns yet, of a pipeline for which shared_slot() is empty. Again after a failure,
// and by several workers at once: equal places are stored once.
Status store_first_places(Connection& connection, const Context& context, const Shares& shares,
                          const Places& places, const std::string& slot);

}  // namespace penstock::mongo
