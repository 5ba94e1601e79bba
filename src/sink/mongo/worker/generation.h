// Which beginning of a pipeline the tasks of an engine belong to. Who begins it anew (a first load,
// `teardown`, read models that are defined otherwise) makes another generation first: from then on no task of
// the one before begins with a partition or a lane, however late it wakes.
//   penstock_positions  {_id: "<pipeline>/stream", kind: "stream", generation}
//                       {_id: "<pipeline>/read models", generation, …} (kept/kept_models.h): of the lanes
#pragma once

#include <string>

#include "base/result.h"
#include "sink/mongo/client.h"
#include "sink/mongo/context.h"

namespace penstock::mongo {

std::string stream_id(const std::string& pipeline);
std::string models_id(const std::string& pipeline);

// The one in force; makes one where there is none.
Result<std::string> stream_generation(Connection& connection, const Context& context);
// Whether it is that of the document `id`, as of now.
Result<bool> is_in_force(Connection& connection, const Context& context, const std::string& id,
                         const std::string& generation);

// None is in force. Before the places, the documents and what is kept are removed.
Status end_generations(Connection& connection, const std::string& database, const std::string& pipeline);

}  // namespace penstock::mongo
