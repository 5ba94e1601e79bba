// Documents as they would be, from live rows: made by the projector of `run` with a state that is thrown
// away.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/preview/preview_rows.h"
#include "app/settings.h"
#include "base/result.h"

namespace penstock::app {

// Up to `most` documents of one collection, as relaxed extended JSON, one line each. `spec` with its joins
// resolved. Errors: those of the definition, of expressions over the rows, and of what MongoDB cannot hold.
Result<std::vector<std::string>> make_documents(const CollectionSpec& spec, const TableDescriptions& tables,
                                                const PreviewRows& rows, const std::string& file,
                                                std::size_t most);

// The JSON text over several lines.
std::string indented(const std::string& json, const std::string& indent = "");

}  // namespace penstock::app
