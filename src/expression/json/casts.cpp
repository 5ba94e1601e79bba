#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "expression/arguments.h"
#include "expression/format/digits.h"
#include "expression/json/document.h"
#include "expression/json/families.h"
#include "expression/json/slice.h"
#include "model/number_text.h"

namespace penstock::expression {
namespace {

std::string_view json_argument(const Call& call) { return argument<Json>(call, 0).text; }

Result<Value> json_to_text(const Call& call) { return Value(Text{json_argument(call)}); }

Result<Value> normalised(const Call& call, std::string_view text) {
  PENSTOCK_ASSIGN(const JsonNode node, parse_json(text));
  return Value(Json{call.arena.copy(jsonb_text(node))});
}
Result<Value> text_to_jsonb(const Call& call) { return normalised(call, text_argument(call, 0)); }
Result<Value> json_to_jsonb(const Call& call) { return normalised(call, json_argument(call)); }
Result<Value> text_to_json(const Call& call) {
  PENSTOCK_TRY(check_json(text_argument(call, 0)));
  return Value(Json{text_argument(call, 0)});
}
Result<Value> jsonb_to_json(const Call& call) { return call.arguments[0]; }

tl::unexpected<Error> cannot_cast(std::string_view text, std::string_view type) {
  const char first = text.empty() ? ' ' : text[0];
  const char* kind = first == '{'                   ? "object"
                     : first == '['                 ? "array"
                     : first == '"'                 ? "string"
                     : first == 'n'                 ? "null"
                     : first == 't' || first == 'f' ? "boolean"
                                                    : "numeric";
  return bad_row(fmt::format("cannot cast jsonb {} to type {}", kind, type));
}
bool is_number(std::string_view text) {
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

Result<Value> jsonb_to_bool(const Call& call) {
  const std::string_view text = json_argument(call);
  if (text == "true" || text == "false") return Value(text == "true");
  return cannot_cast(text, "boolean");
}

Result<Value> jsonb_to_numeric(const Call& call) {
  const std::string_view text = json_argument(call);
  if (!is_number(text)) return cannot_cast(text, "numeric");
  // What was cast before is of the column's making: its digits are those of a numeric.
  return Value(Decimal{text});
}

template <class Integer>
Result<Value> to_integer(const Call& call, const char* type) {
  const std::string_view text = json_argument(call);
  if (!is_number(text)) return cannot_cast(text, type);
  Digits digits = Digits::of(text);
  digits.round(0);
  const std::string whole = (digits.negative ? "-" : "") + digits.fixed(0);
  Integer number = 0;
  const auto read = std::from_chars(whole.data(), whole.data() + whole.size(), number);
  if (read.ec != std::errc{}) return bad_row(fmt::format("{} out of range", type));
  if constexpr (sizeof(Integer) < sizeof(std::int32_t)) return Value(std::int32_t{number});
  return Value(number);
}
Result<Value> jsonb_to_int2(const Call& call) { return to_integer<std::int16_t>(call, "smallint"); }
Result<Value> jsonb_to_int4(const Call& call) { return to_integer<std::int32_t>(call, "integer"); }
Result<Value> jsonb_to_int8(const Call& call) { return to_integer<std::int64_t>(call, "bigint"); }

Result<Value> jsonb_to_float8(const Call& call) {
  const std::string_view text = json_argument(call);
  if (!is_number(text)) return cannot_cast(text, "double precision");
  const double number = std::strtod(std::string(text).c_str(), nullptr);
  const bool lost = number == 0 && !Digits::of(text).is_zero();
  if (std::isinf(number) || lost)
    return bad_row(fmt::format("\"{}\" is out of range for type double precision", text));
  return Value(number);
}
Result<Value> jsonb_to_float4(const Call& call) {
  const std::string_view text = json_argument(call);
  if (!is_number(text)) return cannot_cast(text, "real");
  const float number = std::strtof(std::string(text).c_str(), nullptr);
  const bool lost = number == 0 && !Digits::of(text).is_zero();
  if (std::isinf(number) || lost) return bad_row(fmt::format("\"{}\" is out of range for type real", text));
  std::string shortest;
  append_real(shortest, static_cast<double>(number));
  return Value(std::strtod(shortest.c_str(), nullptr));
}

std::vector<Function> to_scalars() {
  using namespace oid;
  return {
      {.name = "::",
       .arguments = {kJsonb},
       .result = kBool,
       .call = jsonb_to_bool,
       .cast_context = 'e',
       .example = "'true'::jsonb::boolean"},
      {.name = "::",
       .arguments = {kJsonb},
       .result = kNumeric,
       .call = jsonb_to_numeric,
       .cast_context = 'e',
       .example = "('{\"price\": 9.50}'::jsonb -> 'price')::numeric = 9.5"},
      {.name = "::",
       .arguments = {kJsonb},
       .result = kInt2,
       .call = jsonb_to_int2,
       .cast_context = 'e',
       .example = "'7'::jsonb::smallint = 7"},
      {.name = "::",
       .arguments = {kJsonb},
       .result = kInt4,
       .call = jsonb_to_int4,
       .cast_context = 'e',
       .example = "'2.5'::jsonb::integer = 3"},
      {.name = "::",
       .arguments = {kJsonb},
       .result = kInt8,
       .call = jsonb_to_int8,
       .cast_context = 'e',
       .example = "'99999999999'::jsonb::bigint = 99999999999"},
      {.name = "::",
       .arguments = {kJsonb},
       .result = kFloat4,
       .call = jsonb_to_float4,
       .cast_context = 'e',
       .example = "'0.1'::jsonb::real = 0.1::real"},
      {.name = "::",
       .arguments = {kJsonb},
       .result = kFloat8,
       .call = jsonb_to_float8,
       .cast_context = 'e',
       .example = "'1e2'::jsonb::double precision = 100"},
  };
}

}  // namespace

std::vector<Function> json_casts() {
  using namespace oid;
  std::vector<Function> all = {
      {.name = "::",
       .arguments = {kText},
       .result = kJsonb,
       .call = text_to_jsonb,
       .cast_context = 'e',
       .example = "'{\"b\":1,  \"a\":1e2, \"b\":2}'::text::jsonb::text = '{\"a\": 100, \"b\": 2}'"},
      {.name = "::",
       .arguments = {kText},
       .result = kJson,
       .call = text_to_json,
       .cast_context = 'e',
       .example = "'{\"b\":1}'::text::json::text = '{\"b\":1}'"},
      {.name = "::",
       .arguments = {kJson},
       .result = kJsonb,
       .call = json_to_jsonb,
       .cast_context = 'a',
       .example = "'{\"b\":1}'::json::jsonb::text = '{\"b\": 1}'"},
      {.name = "::",
       .arguments = {kJsonb},
       .result = kJson,
       .call = jsonb_to_json,
       .cast_context = 'a',
       .example = "'{\"b\":1}'::jsonb::json::text = '{\"b\": 1}'"},
      {.name = "::",
       .arguments = {kJsonb},
       .result = kText,
       .call = json_to_text,
       .cast_context = 'a',
       .example = "'[1,2]'::jsonb::text = '[1, 2]'"},
      {.name = "::",
       .arguments = {kJson},
       .result = kText,
       .call = json_to_text,
       .cast_context = 'a',
       .example = "'[1,2]'::json::text = '[1,2]'"},
  };
  const std::vector<Function> scalars = to_scalars();
  all.insert(all.end(), scalars.begin(), scalars.end());
  return all;
}

}  // namespace penstock::expression
