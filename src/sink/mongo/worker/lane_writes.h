// What a worker's lane writes in its transactions beside the documents.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/checkpoint.h"
#include "model/places.h"
#include "sink/mongo/client.h"
#include "sink/mongo/context.h"

namespace penstock::mongo {

// Where partitions that the lane owns stand.
Tried<void> write_owned_places(Connection& connection, const Context& context, const std::string& lane,
                               const Places& places, const Bson* options);

// Where rows were met that are to be read again. Which of the table's partitions it was is not known: whoever
// owns one of them next goes back to before the asking. `owned`: the lane's, as they stood then; `tables`: of
// their topics.
Tried<void> write_origins(Connection& connection, const Context& context, const std::string& lane,
                          const std::vector<Reread>& rereads, const Places& owned,
                          const std::map<std::string, std::string>& tables, const Bson* options);

}  // namespace penstock::mongo
