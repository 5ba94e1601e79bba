// A replay's events from the topics that an `apply` pipeline reads.
#pragma once

#include <stop_token>
#include <vector>

#include "app/replay/replay_source.h"
#include "app/settings.h"
#include "base/result.h"
#include "model/table_schema.h"
#include "sink/mongo/reader.h"

namespace penstock::app {

// PostgreSQL is asked for its catalog, never for rows. What is on its way into the topics is waited for, if
// `as_of` names an LSN and somebody says how far they are. Errors as of backbone::open_history().
Result<ReplaySource> open_topic_history(const Settings& settings, const std::vector<TableName>& tables,
                                        const journal::AsOf& as_of, journal::Loads loads,
                                        mongo::Reader& reader, std::stop_token stop);

}  // namespace penstock::app
