// Defaults of columns, as far as schemas name them (Debezium documentation 3.5: "Debezium connector for
// PostgreSQL", Default values).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::envelope {

struct ColumnFacts;

// The text of the default as PostgreSQL prints a value of the column: of '1'::integer it is 1. What a
// function gives is a value of nothing (0, "", 1970-01-01), as Debezium has it. None for types whose defaults
// Debezium does not name, and for other expressions. `expression`: as pg_get_expr() prints it.
std::optional<std::string> default_text(const ColumnFacts& column, std::string_view expression);

}  // namespace penstock::envelope
