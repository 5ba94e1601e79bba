// TRUNCATE: every document of a collection goes, or is marked as deleted.
#pragma once

#include <string>
#include <vector>

#include "sink/mongo/client.h"
#include "sink/mongo/stage/staged_group.h"

namespace penstock::mongo {

// Clears the whole collection at once, inside the transaction of `session` (null: none).
Tried<void> clear_now(Connection& connection, const std::string& database, const ClearStep& step,
                      const Bson* session);

// For clearing in steps: `_id`s of up to `limit` documents that are still to be cleared; and clearing just
// those.
Tried<std::vector<Bson>> still_to_clear(Connection& connection, const std::string& database,
                                        const ClearStep& step, std::size_t limit);
Tried<void> clear_some(Connection& connection, const std::string& database, const ClearStep& step,
                       const std::vector<Bson>& ids, const Bson* session);

}  // namespace penstock::mongo
