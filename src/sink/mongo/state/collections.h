// The collections of a pipeline: created before the first transaction, and refused where they could not hold
// its documents exactly (design 3.2, 6).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sink/mongo/client.h"
#include "sink/mongo/mongo_sink.h"

namespace penstock::mongo {

// Creates what is missing: the state collections, the pipeline's own with their indexes, and dead letters
// when asked for. kConfiguration: a collection with a collation, a capped, time-series or view one, or a
// unique index besides `_id`.
Status ensure_collections(Connection& connection, const Options& options);

// Creates it with its indexes; one that is there already is kept.
Status create_collection(Connection& connection, const std::string& database,
                         const CollectionOptions& collection);

Result<std::vector<std::string>> collection_names(Connection& connection, const std::string& database);

// The same refusals for one collection, changing nothing; fine when it does not exist.
Status check_collection(Connection& connection, const std::string& database, const std::string& name);

}  // namespace penstock::mongo
