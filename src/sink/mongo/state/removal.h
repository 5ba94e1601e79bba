// What a build of its own leaves nothing of: its state, and collections under names of its own.
#pragma once

#include <string>

#include "base/result.h"
#include "sink/mongo/client.h"

namespace penstock::mongo {

enum class KeepLease { kNo, kYes };
// The pipeline's documents in the state collections, which stay: others may be writing to them.
Status remove_state(Connection& connection, const std::string& database, const std::string& pipeline,
                    KeepLease lease);

// Fine where there is none.
Status drop_collection(Connection& connection, const std::string& database, const std::string& name);
// Readers see `to` as it was until they see all of `from`. False: there is no `from`.
Result<bool> rename_collection(Connection& connection, const std::string& database, const std::string& from,
                               const std::string& to);

}  // namespace penstock::mongo
