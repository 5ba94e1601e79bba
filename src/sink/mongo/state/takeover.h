// Becoming the only writer: the stored sessions are killed and the epoch of every lane is raised
// (design 3.3).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sink/mongo/client.h"
#include "sink/mongo/context.h"
#include "sink/mongo/state/records.h"

namespace penstock::mongo {

struct LaneClaim {
  std::string id;
  bool stream = false;
  std::string session;  // 16 bytes of the lsid that the lane will write with; empty: without transactions
};

// A dead writer's open transaction would hold its position document for up to a minute. A server that refuses
// is said in the log. kMongoUnavailable.
Status kill_sessions(Connection& connection, const std::vector<LaneRecord>& lanes);

// Afterwards no writer of an older epoch can commit. Returns the records of `claims`, in their order, created
// where missing. kFenced: another process raised the epoch at the same time.
Result<std::vector<LaneRecord>> raise_epoch(Connection& connection, const Context& context,
                                            const std::vector<LaneClaim>& claims);

// Everything stored of the pipeline, with `read_concern` ("majority", "local"); or as a session of its own
// sees it: `options` {sessionId: …} and no read concern.
Result<Checkpoint> load_checkpoint(Connection& connection, const std::string& database,
                                   const std::string& pipeline, const char* read_concern,
                                   const Bson* options = nullptr);
// The one writer's lanes of any number.
Result<std::vector<LaneRecord>> load_lanes(Connection& connection, const std::string& database,
                                           const std::string& pipeline, const char* read_concern,
                                           const Bson* options = nullptr);

}  // namespace penstock::mongo
