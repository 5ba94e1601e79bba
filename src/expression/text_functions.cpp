// Text: case, lengths, concatenation, codes (PostgreSQL manual: "String Functions and Operators").
#include <fmt/format.h>

#include <charconv>

#include "expression/arguments.h"
#include "expression/text/character_class.h"
#include "expression/text/encoding.h"
#include "expression/text/slicing.h"
#include "expression/text/utf8.h"

namespace penstock::expression {
namespace {

Result<Value> upper(const Call& call) { return text_result(call, upper_text(text_argument(call, 0))); }
Result<Value> lower(const Call& call) { return text_result(call, lower_text(text_argument(call, 0))); }
Result<Value> initcap(const Call& call) { return text_result(call, initcap_text(text_argument(call, 0))); }

Value to_int(std::size_t count) { return static_cast<std::int32_t>(count); }

Result<Value> length(const Call& call) { return to_int(count_characters(text_argument(call, 0))); }
Result<Value> octet_length(const Call& call) { return to_int(text_argument(call, 0).size()); }
Result<Value> bit_length(const Call& call) { return to_int(text_argument(call, 0).size() * 8); }
Result<Value> bytes_length(const Call& call) { return to_int(argument<Bytes>(call, 0).bytes.size()); }

Result<Value> starts_with(const Call& call) {
  return Value(text_argument(call, 0).starts_with(text_argument(call, 1)));
}

std::string joined(std::string_view left, std::string_view right) { return std::string(left).append(right); }
Result<Value> text_and_text(const Call& call) {
  return text_result(call, joined(text_argument(call, 0), text_argument(call, 1)));
}
Result<Value> bytes_and_bytes(const Call& call) {
  const std::string both = joined(argument<Bytes>(call, 0).bytes, argument<Bytes>(call, 1).bytes);
  return Value(Bytes{call.arena.copy(both)});
}
// As a cast to text prints it: a bool is a word then.
std::string cast_to_text(const Value& value) {
  if (const bool* truth = value.get<bool>()) return *truth ? "true" : "false";
  return to_text(value);
}
Result<Value> text_and_any(const Call& call) {
  return text_result(call, joined(text_argument(call, 0), cast_to_text(call.arguments[1])));
}
Result<Value> any_and_text(const Call& call) {
  return text_result(call, joined(cast_to_text(call.arguments[0]), text_argument(call, 1)));
}

std::string concatenate(std::span<const Value> values, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const Value& value : values) {
    if (value.is_null()) continue;
    if (!first) out += separator;
    first = false;
    append_text(out, value);
  }
  return out;
}
Result<Value> concat(const Call& call) { return text_result(call, concatenate(call.arguments, {})); }
Result<Value> concat_ws(const Call& call) {
  if (call.arguments[0].is_null()) return Value(Null{});
  return text_result(call, concatenate(call.arguments.subspan(1), text_argument(call, 0)));
}

Result<Value> ascii(const Call& call) {
  const std::string_view text = text_argument(call, 0);
  std::size_t at = 0;
  return Value(text.empty() ? 0 : static_cast<std::int32_t>(next_character(text, at)));
}

Result<Value> chr(const Call& call) {
  const std::int32_t code = int_argument(call, 0);
  if (code < 0) return bad_row("character number must be positive");
  if (code == 0) return bad_row("null character not permitted");
  if (code > 0x10FFFF) return bad_row(fmt::format("requested character too large for encoding: {}", code));
  if (code >= 0xD800 && code < 0xE000)
    return bad_row(fmt::format("requested character not valid for encoding: {}", code));
  std::string out;
  append_character(out, static_cast<char32_t>(code));
  return text_result(call, out);
}

Result<Value> to_hex_int4(const Call& call) {
  return text_result(call, fmt::format("{:x}", static_cast<std::uint32_t>(int_argument(call, 0))));
}
Result<Value> to_hex_int8(const Call& call) {
  return text_result(call, fmt::format("{:x}", static_cast<std::uint64_t>(argument<std::int64_t>(call, 0))));
}

Result<Value> encode(const Call& call) {
  PENSTOCK_ASSIGN(const auto text, encode_bytes(argument<Bytes>(call, 0).bytes, text_argument(call, 1)));
  return text_result(call, text);
}
Result<Value> decode(const Call& call) {
  PENSTOCK_ASSIGN(const auto bytes, decode_bytes(text_argument(call, 0), text_argument(call, 1)));
  return Value(Bytes{call.arena.copy(bytes)});
}

bool is_utf8_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (is_alphanumeric(static_cast<unsigned char>(c))) plain += c;
  }
  plain = lower_text(plain);
  return plain == "utf8" || plain == "unicode";
}
Result<Value> convert_to(const Call& call) {
  if (!is_utf8_name(text_argument(call, 1)))
    return bad_row(fmt::format("convert_to knows only UTF8, not \"{}\"", text_argument(call, 1)));
  return Value(Bytes{text_argument(call, 0)});
}
Result<Value> convert_from(const Call& call) {
  if (!is_utf8_name(text_argument(call, 1)))
    return bad_row(fmt::format("convert_from knows only UTF8, not \"{}\"", text_argument(call, 1)));
  const std::string_view bytes = argument<Bytes>(call, 0).bytes;
  if (!is_valid_text(bytes)) return bad_row("invalid byte sequence for encoding \"UTF8\"");
  return Value(Text{bytes});
}

Result<Value> text_to_bytea(const Call& call) {
  PENSTOCK_ASSIGN(const auto bytes, parse_bytea(text_argument(call, 0)));
  return Value(Bytes{call.arena.copy(bytes)});
}
Result<Value> bytea_to_text(const Call& call) { return text_result(call, to_text(call.arguments[0])); }

std::vector<Function> concatenation() {
  using namespace oid;
  return {
      {.name = "||",
       .arguments = {kText, kText},
       .result = kText,
       .call = text_and_text,
       .example = "'Post' || 'greSQL' = 'PostgreSQL'"},
      {.name = "||",
       .arguments = {kText, kAnyElement},
       .result = kText,
       .call = text_and_any,
       .example = "'No. '::text || 42 = 'No. 42'"},
      {.name = "||",
       .arguments = {kAnyElement, kText},
       .result = kText,
       .call = any_and_text,
       .example = "true || ' story'::text = 'true story'"},
      {.name = "||",
       .arguments = {kBytea, kBytea},
       .result = kBytea,
       .call = bytes_and_bytes,
       .example = "'\\x01'::bytea || '\\x02'::bytea = '\\x0102'::bytea"},
      {.name = "concat",
       .arguments = {kAnyElement},
       .result = kText,
       .call = concat,
       .strict = false,
       .variadic = true,
       .example = "concat('a', null, 1, true) = 'a1t'"},
      {.name = "concat_ws",
       .arguments = {kText, kAnyElement},
       .result = kText,
       .call = concat_ws,
       .strict = false,
       .variadic = true,
       .example = "concat_ws(', ', 'a', null, 'b') = 'a, b'"},
  };
}

std::vector<Function> codes() {
  using namespace oid;
  return {
      {.name = "ascii", .arguments = {kText}, .result = kInt4, .call = ascii, .example = "ascii('é') = 233"},
      {.name = "chr", .arguments = {kInt4}, .result = kText, .call = chr, .example = "chr(8364) = '€'"},
      {.name = "to_hex",
       .arguments = {kInt4},
       .result = kText,
       .call = to_hex_int4,
       .example = "to_hex(255) = 'ff'"},
      {.name = "to_hex",
       .arguments = {kInt8},
       .result = kText,
       .call = to_hex_int8,
       .example = "to_hex(-1::bigint) = 'ffffffffffffffff'"},
      {.name = "encode",
       .arguments = {kBytea, kText},
       .result = kText,
       .call = encode,
       .example = "encode('\\x123456'::bytea, 'base64') = 'EjRW'"},
      {.name = "decode",
       .arguments = {kText, kText},
       .result = kBytea,
       .call = decode,
       .example = "decode('EjRW', 'base64') = '\\x123456'::bytea"},
      {.name = "convert_to",
       .arguments = {kText, kText},
       .result = kBytea,
       .call = convert_to,
       .example = "convert_to('é', 'UTF8') = '\\xc3a9'::bytea"},
      {.name = "convert_from",
       .arguments = {kBytea, kText},
       .result = kText,
       .call = convert_from,
       .example = "convert_from('\\xc3a9'::bytea, 'UTF8') = 'é'"},
      {.name = "::",
       .arguments = {kText},
       .result = kBytea,
       .call = text_to_bytea,
       .cast_context = 'e',
       .example = "'abc'::text::bytea = '\\x616263'::bytea"},
      {.name = "::",
       .arguments = {kBytea},
       .result = kText,
       .call = bytea_to_text,
       .cast_context = 'a',
       .example = "'\\x0aff'::bytea::text = '\\x0aff'"},
  };
}

std::vector<Function> cases_and_lengths() {
  using namespace oid;
  return {
      {.name = "upper",
       .arguments = {kText},
       .result = kText,
       .call = upper,
       .example = "upper('Nguyễn') = 'NGUYỄN'"},
      {.name = "lower",
       .arguments = {kText},
       .result = kText,
       .call = lower,
       .example = "lower('ĐÀ LẠT') = 'đà lạt'"},
      {.name = "initcap",
       .arguments = {kText},
       .result = kText,
       .call = initcap,
       .example = "initcap('hi THOMAS') = 'Hi Thomas'"},
      {.name = "length",
       .arguments = {kText},
       .result = kInt4,
       .call = length,
       .example = "length('été') = 3"},
      {.name = "length",
       .arguments = {kBytea},
       .result = kInt4,
       .call = bytes_length,
       .example = "length('\\x0102'::bytea) = 2"},
      {.name = "char_length",
       .arguments = {kText},
       .result = kInt4,
       .call = length,
       .example = "char_length('été') = 3"},
      {.name = "character_length",
       .arguments = {kText},
       .result = kInt4,
       .call = length,
       .example = "character_length('été') = 3"},
      {.name = "octet_length",
       .arguments = {kText},
       .result = kInt4,
       .call = octet_length,
       .example = "octet_length('été') = 5"},
      {.name = "octet_length",
       .arguments = {kBpchar},
       .result = kInt4,
       .call = octet_length},  // with padding
      {.name = "octet_length",
       .arguments = {kBytea},
       .result = kInt4,
       .call = bytes_length,
       .example = "octet_length('\\x0102'::bytea) = 2"},
      {.name = "bit_length",
       .arguments = {kText},
       .result = kInt4,
       .call = bit_length,
       .example = "bit_length('jose') = 32"},
      {.name = "starts_with",
       .arguments = {kText, kText},
       .result = kBool,
       .call = starts_with,
       .example = "starts_with('alphabet', 'alph')"},
      {.name = "^@",
       .arguments = {kText, kText},
       .result = kBool,
       .call = starts_with,
       .example = "'alphabet' ^@ 'alph'"},
  };
}

}  // namespace

std::vector<Function> text_functions() {
  std::vector<Function> all = cases_and_lengths();
  for (auto& family : {slicing_functions(), trimming_functions(), concatenation(), codes()}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  return all;
}

}  // namespace penstock::expression
