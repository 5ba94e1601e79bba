// Whether a stored position continues on this server (design 3.4). Gaps are seen, never skipped.
#pragma once

#include <string>

#include "base/result.h"
#include "model/checkpoint.h"
#include "source/postgres/catalog.h"

namespace penstock::postgres {

struct SlotRequest {
  std::string slot;
  std::string publication;
  std::vector<TableName> tables;  // for a publication that must be made
  bool create_publication = true;
};

// kConfiguration: the server cannot be a source (standby, wal_level).
Status check_server(const ServerDescription& server);

// kGap or kDivergence with the remedy when `checkpoint` does not continue on `server` and `slot`.
Status check_continuity(const Checkpoint& checkpoint, const ServerDescription& server,
                        const SlotDescription& slot, const std::string& slot_name);

// Whether a slot that exists may be taken by somebody who has no position in it. `take_over`: the command
// that goes on where its reader stopped. kSlotBusy, kGap.
Status check_unowned(const SlotDescription& slot, const std::string& name, const std::string& take_over);

// The publication exists afterwards; made before the slot, since a slot older than its publication cannot
// stream it.
Status ensure_publication(Connection& connection, const SlotRequest& request);

// The slot exists afterwards and nobody reads it: a walsender that still does is ended.
Result<SlotDescription> ensure_slot(Connection& connection, const std::string& slot);

}  // namespace penstock::postgres
