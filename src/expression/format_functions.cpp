// to_char() (PostgreSQL manual: "Data Type Formatting Functions").
#include "expression/arguments.h"
#include "expression/datetime/interval.h"
#include "expression/datetime/moment.h"
#include "expression/format/datetime_format.h"
#include "expression/format/number_format.h"

namespace penstock::expression {
namespace {

Result<Value> to_text_value(const Call& call, const Result<std::string>& text) {
  if (!text) return fail(text.error());
  return text_result(call, *text);
}

// NULL for what is infinite and for an empty template.
template <bool with_zone>
Result<Value> of_moment(const Call& call) {
  const std::int64_t moment = moment_of(argument<Timestamp>(call, 0));
  if (is_infinite(moment) || text_argument(call, 1).empty()) return Value(Null{});
  return to_text_value(call, format_moment(moment, with_zone, text_argument(call, 1)));
}
Result<Value> of_span(const Call& call) {
  PENSTOCK_ASSIGN(const Span span, span_of(argument<Interval>(call, 0)));
  if (text_argument(call, 1).empty()) return Value(Null{});
  return to_text_value(call, format_span(span, text_argument(call, 1)));
}
Result<Value> of_int4(const Call& call) {
  return to_text_value(call, format_int4(int_argument(call, 0), text_argument(call, 1)));
}
Result<Value> of_int8(const Call& call) {
  return to_text_value(call, format_int8(argument<std::int64_t>(call, 0), text_argument(call, 1)));
}
Result<Value> of_numeric(const Call& call) {
  return to_text_value(call, format_numeric(argument<Decimal>(call, 0).text, text_argument(call, 1)));
}
template <bool real>
Result<Value> of_float(const Call& call) {
  return to_text_value(call, format_float(argument<double>(call, 0), real, text_argument(call, 1)));
}

}  // namespace

std::vector<Function> format_functions() {
  using namespace oid;
  return {
      {.name = "to_char",
       .arguments = {kTimestamp, kText},
       .result = kText,
       .call = of_moment<false>,
       .example = "to_char(timestamp '2024-02-16 20:38:40', 'FMDay, DD Mon YYYY HH12:MI AM') = "
                  "'Friday, 16 Feb 2024 08:38 PM'"},
      {.name = "to_char",
       .arguments = {kTimestampTz, kText},
       .result = kText,
       .call = of_moment<true>,
       .example = "to_char(timestamptz '2024-02-16 20:38:40+00', 'YYYY-MM-DD\"T\"HH24:MI:SSOF') = "
                  "'2024-02-16T20:38:40+00'"},
      {.name = "to_char",
       .arguments = {kInterval, kText},
       .result = kText,
       .call = of_span,
       .example = "to_char(interval '15h 2m 12s', 'HH24:MI:SS') = '15:02:12'"},
      {.name = "to_char",
       .arguments = {kInt4, kText},
       .result = kText,
       .call = of_int4,
       .example = "to_char(1485, '9,999') = ' 1,485'"},
      {.name = "to_char",
       .arguments = {kInt8, kText},
       .result = kText,
       .call = of_int8,
       .example = "to_char(-12::bigint, '999MI') = ' 12-'"},
      {.name = "to_char",
       .arguments = {kNumeric, kText},
       .result = kText,
       .call = of_numeric,
       .example = "to_char(1234.5, 'FM9,999.00') = '1,234.50'"},
      {.name = "to_char",
       .arguments = {kFloat4, kText},
       .result = kText,
       .call = of_float<true>,
       .example = "to_char(0.1::real, '0.9') = ' 0.1'"},
      {.name = "to_char",
       .arguments = {kFloat8, kText},
       .result = kText,
       .call = of_float<false>,
       .example = "to_char(485.8::double precision, '\"Good number:\"999.9') = 'Good number: 485.8'"},
  };
}

}  // namespace penstock::expression
