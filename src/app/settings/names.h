// Names of PostgreSQL and MongoDB things as the pipeline file writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"

namespace penstock::app {

// A column where an expression could stand: a plain identifier (taken literally, never folded) or one in
// double quotes. Nothing for anything else, i.e. an expression.
std::optional<std::string> parse_column(std::string_view text);

// Several such names with dots between them: product.category.
std::optional<std::vector<std::string>> parse_path(std::string_view text);
std::string quoted_path(const std::vector<std::string>& path);  // "product"."category"

// A column where only names can stand: double quotes are taken off, everything else is literal.
std::string parse_listed_column(std::string_view text);

// schema.table, each part plain or in double quotes.
std::optional<TableName> parse_table_name(std::string_view text);

// What is wrong with the name, as the end of a sentence; nothing when it is fine.
std::optional<std::string> bad_pipeline_name(std::string_view name);
std::optional<std::string> bad_slot_name(std::string_view name);
std::optional<std::string> bad_database_name(std::string_view name);
std::optional<std::string> bad_collection_name(std::string_view name);
std::optional<std::string> bad_metadata_field(std::string_view name);

}  // namespace penstock::app
