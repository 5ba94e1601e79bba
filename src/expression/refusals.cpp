#include "expression/refusals.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace penstock::expression {
namespace {

constexpr std::string_view kVolatile[] = {
    "now",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "timeofday",
    "random",
    "random_normal",
    "setseed",
    "nextval",
    "gen_random_uuid",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "currval",
    "uuid_generate_v4",
    "gen_random_bytes",
    "gen_salt",
    "lastval",
    "setval",
    "txid_current",
    "pg_current_xact_id",
    "pg_sleep",
    "pg_current_wal_lsn",
    "pg_current_snapshot",
    "txid_current_snapshot",
};

constexpr std::string_view kOfTheSession[] = {
    "current_setting",     "set_config",
    "pg_backend_pid",      "version",
    "current_database",    "current_schema",
    "current_schemas",     "getpgusername",
    "inet_client_addr",    "inet_client_port",
    "inet_server_addr",    "inet_server_port",
    "has_table_privilege", "pg_postmaster_start_time",
};

constexpr std::string_view kSetReturning[] = {
    "generate_series",
    "generate_subscripts",
    "unnest",
    "regexp_matches",
    "regexp_split_to_table",
    "string_to_table",
    "json_array_elements",
    "json_array_elements_text",
    "jsonb_array_elements",
    "jsonb_array_elements_text",
    "json_each",
    "json_each_text",
    "jsonb_each",
    "jsonb_each_text",
    "json_object_keys",
    "jsonb_object_keys",
    "json_to_recordset",
    "jsonb_to_recordset",
    "json_populate_recordset",
    "jsonb_populate_recordset",
    "jsonb_path_query",
};

constexpr std::string_view kWindow[] = {
    "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "nth_value",
};

constexpr std::string_view kAggregates[] = {
    "string_agg",      "json_agg",        "jsonb_agg",   "json_object_agg", "jsonb_object_agg",
    "stddev",          "stddev_pop",      "stddev_samp", "variance",        "var_pop",
    "var_samp",        "bit_and",         "bit_or",      "bit_xor",         "mode",
    "percentile_cont", "percentile_disc", "corr",        "covar_pop",       "covar_samp",
    "regr_slope",      "range_agg",       "any_value",   "xmlagg",          "range_intersect_agg",
};

template <std::size_t kSize>
bool contains(const std::string_view (&names)[kSize], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

constexpr std::string_view kNoValue = " has no value of its own at a row: ";

}  // namespace

std::optional<std::string> why_refused(std::string_view function) {
  const std::string call = std::string(function) + "()";
  if (contains(kVolatile, function)) {
    return call + std::string(kNoValue) + "each time it is asked it gives another one";
  }
  if (contains(kOfTheSession, function)) {
    return call + std::string(kNoValue) + "it depends on the session that asks";
  }
  if (contains(kSetReturning, function)) return call + " returns a set of rows, not a value";
  if (contains(kWindow, function)) return call + " is a window function, which expressions cannot hold";
  if (contains(kAggregates, function)) return "the aggregate " + call + " is not supported";
  return std::nullopt;
}

std::string why_value_refused(std::string_view kind) {
  constexpr std::string_view kPrefix = "SVFOP_";
  if (kind.starts_with(kPrefix)) kind.remove_prefix(kPrefix.size());
  if (kind.ends_with("_N")) kind.remove_suffix(2);  // with a precision
  std::string name;
  for (const char c : kind) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool is_time = name.find("date") != std::string::npos || name.find("time") != std::string::npos;
  return name + std::string(kNoValue) +
         (is_time ? "each time it is asked it gives another one" : "it depends on the session that asks");
}

}  // namespace penstock::expression
