// What a slot that nobody reads still holds.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "model/lsn.h"
#include "source/postgres/connection.h"

namespace penstock::postgres {

// Row and truncate messages of transactions that end after `through` and commit before `until`. Changes
// nothing. kPostgresRefused when somebody reads the slot, or it is not there.
Result<std::uint64_t> unread_changes(Connection& connection, const std::string& slot,
                                     const std::string& publication, Lsn through, Lsn until);

// The same of a slot that somebody reads, by a temporary copy of it: needs a free replication slot, and
// decodes from the slot's restart LSN on.
Result<std::uint64_t> unconfirmed_changes(Connection& connection, const std::string& slot,
                                          const std::string& publication, Lsn through, Lsn until);

}  // namespace penstock::postgres
