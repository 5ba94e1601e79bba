// Rows of COPY ... TO STDOUT in text format. PostgreSQL manual: "COPY", File Formats, Text Format.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/arena.h"

namespace penstock::postgres {

// Splits one line, with or without its '\n', into `fields` (cleared first): unescaped text that lies in
// `arena`, or nothing for NULL. kPostgresProtocol when the line has not `expected` fields or ends in a
// backslash.
Status split_copy_line(std::string_view line, std::size_t expected, Arena& arena,
                       std::vector<std::optional<std::string_view>>& fields);

}  // namespace penstock::postgres
