#include <map>

#include "integration/expression/argument_pools.h"
#include "integration/expression/pools.h"

namespace penstock::expression {
namespace {

const std::map<std::pair<std::string_view, std::size_t>, Pool>& argument_pools() {
  static const std::map<std::pair<std::string_view, std::size_t>, Pool> kPools = {
      {{"date_trunc", 0}, kUnits},
      {{"extract", 0}, kUnits},
      {{"date_part", 0}, kUnits},
      {{"date_trunc", 2}, kZones},
      {{"timezone", 0}, kZones},
      {{"::date", 0}, kMomentTexts},
      {{"::timestamp", 0}, kMomentTexts},
      {{"::timestamptz", 0}, kMomentTexts},
      {{"::time", 0}, kTimeTexts},
      {{"::timetz", 0}, kTimeTexts},
      {{"::interval", 0}, kIntervalTexts},
      {{"~", 0}, kSubjects},
      {{"~", 1}, kPatterns},
      {{"regexp_replace", 0}, kSubjects},
      {{"regexp_replace", 1}, kPatterns},
      {{"regexp_like", 0}, kSubjects},
      {{"regexp_like", 1}, kPatterns},
      {{"regexp_match", 0}, kSubjects},
      {{"regexp_match", 1}, kPatterns},
      {{"regexp_count", 0}, kSubjects},
      {{"regexp_count", 1}, kPatterns},
      {{"regexp_substr", 0}, kSubjects},
      {{"regexp_substr", 1}, kPatterns},
      {{"regexp_split_to_array", 0}, kSubjects},
      {{"regexp_split_to_array", 1}, kPatterns},
      {{"regexp_replace", 2}, kReplacements},
      {{"regexp_replace", 3}, kRegexFlags},
      {{"regexp_replace", 5}, kRegexFlags},
      {{"regexp_like", 2}, kRegexFlags},
      {{"regexp_match", 2}, kRegexFlags},
      {{"regexp_split_to_array", 2}, kRegexFlags},
      {{"regexp_count", 2}, kStarts},
      {{"regexp_count", 3}, kRegexFlags},
      {{"regexp_substr", 2}, kStarts},
      {{"regexp_substr", 3}, kStarts},
      {{"regexp_substr", 4}, kRegexFlags},
      {{"regexp_substr", 5}, kStarts},
      {{"->", 1}, kKeys},
      {{"->>", 1}, kKeys},
      {{"?", 1}, kKeys},
      {{"-", 1}, kKeys},
      {{"jsonb_exists", 1}, kKeys},
      {{"jsonb_extract_path", 1}, kKeys},
      {{"jsonb_extract_path_text", 1}, kKeys},
      {{"json_extract_path", 1}, kKeys},
      {{"json_extract_path_text", 1}, kKeys},
      {{"::jsonb", 0}, kJsonTexts},
      {{"::json", 0}, kJsonTexts},
      {{"array_length", 1}, {"1", "2", "0", "-1", "3"}},
      {{"array_lower", 1}, {"1", "2", "0", "-1", "3"}},
      {{"array_upper", 1}, {"1", "2", "0", "-1", "3"}},
      {{"array_position", 1}, {"1", "2", "a", "x"}},
      {{"string_to_array", 0}, {"a,b,,c", "", "abc", "x", "日本,語", ",", "a, b"}},
      {{"string_to_array", 1}, {",", "", "b", ", "}},
      {{"string_to_array", 2}, {"", "a", "x"}},
      {{"to_char moment", 1}, kMomentFormats},
      {{"to_char interval", 1}, kIntervalFormats},
      {{"to_char number", 1}, kNumberFormats},
      {{"encode", 1}, {"hex", "base64", "escape", "HEX", "rot13"}},
      {{"decode", 1}, {"hex", "base64", "escape"}},
      {{"decode", 0},
       {"EjRW", "deadBEEF", "de ad", "abc", "ab=c", "YWJj\nZGVm", "YQ==", "YQ=", "\\001a\\\\", "=", "zz"}},
      {{"convert_to", 1}, {"UTF8", "utf-8", "nothing"}},
      {{"convert_from", 1}, {"UTF8", "UTF-8"}},
      {{"make_date", 0}, {"2024", "1", "0", "-1", "-4714", "5874897", "5874898", "1900"}},
      {{"make_date", 1}, {"1", "2", "11", "12", "13", "0", "-1"}},
      {{"make_date", 2}, {"1", "24", "28", "29", "30", "31", "32", "0"}},
      {{"make_timestamp", 0}, {"2024", "1", "0", "-1", "-4714", "294276", "294277"}},
      {{"make_timestamp", 1}, {"1", "2", "12", "13"}},
      {{"make_timestamp", 2}, {"1", "28", "29", "31"}},
      {{"make_timestamp", 3}, {"0", "12", "23", "24", "25", "-1"}},
      {{"make_timestamp", 4}, {"0", "30", "59", "60"}},
      {{"make_timestamptz", 0}, {"2024", "1", "0", "-1", "-4714", "294276", "294277"}},
      {{"make_timestamptz", 1}, {"1", "2", "12", "13"}},
      {{"make_timestamptz", 2}, {"1", "28", "29", "31"}},
      {{"make_timestamptz", 3}, {"0", "12", "23", "24", "25", "-1"}},
      {{"make_timestamptz", 4}, {"0", "30", "59", "60"}},
      {{"make_time", 0}, {"0", "12", "23", "24", "25", "-1"}},
      {{"make_time", 1}, {"0", "30", "59", "60"}},
      {{"repeat", 1}, {"0", "1", "3", "-1", "2000"}},
      {{"lpad", 1}, {"0", "1", "3", "-1", "20", "2147483647"}},
      {{"rpad", 1}, {"0", "1", "3", "-1", "20", "2147483647"}},
      {{"chr", 0}, {"65", "233", "8364", "128512", "0", "-1", "55296", "1114112", "57344"}},
  };
  return kPools;
}

}  // namespace

const std::vector<std::string>& pool_of(std::string_view function, std::size_t argument) {
  static const Pool kNone;
  const auto found = argument_pools().find({function, argument});
  return found == argument_pools().end() ? kNone : found->second;
}

}  // namespace penstock::expression
