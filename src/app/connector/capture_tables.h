// The tables of a connector's capture.
#pragma once

#include <vector>

#include "app/connector/capture_settings.h"
#include "base/result.h"
#include "source/postgres/connection.h"

namespace penstock::app {

// Makes a missing publication as the connector says, and returns the chosen tables among those it carries.
// Chosen tables that it does not carry are named in the log. kConfiguration when none is left.
Result<std::vector<Settings::Table>> choose_tables(postgres::Connection& connection,
                                                   const CaptureSettings& capture);

// The chosen tables that the publication carries; none where there is no publication.
Result<std::vector<TableName>> captured_tables(postgres::Connection& connection,
                                               const CaptureSettings& capture);

}  // namespace penstock::app
