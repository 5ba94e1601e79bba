#include "expression/text_casts.h"

#include <charconv>
#include <limits>

#include "expression/float_text.h"
#include "expression/number_values.h"
#include "model/number_text.h"

namespace penstock::expression {
namespace {

constexpr std::int32_t kModifierHeader = 4;  // VARHDRSZ

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view text_of(const Call& call) {
  const auto* text = call.arguments[0].get<Text>();
  return text != nullptr ? text->text : std::string_view();
}

// --- Text becomes a number

Result<Value> invalid(std::string_view type, std::string_view text) {
  return fail(
      ErrorKind::kBadValue,
      std::string("invalid input syntax for type ").append(type).append(": \"").append(text).append("\""));
}

Result<Value> too_large(std::string_view type, std::string_view text) {
  return fail(ErrorKind::kBadValue,
              std::string("value \"").append(text).append("\" is out of range for type ").append(type));
}

// Digits with a sign. Too many digits are told before what follows them.
template <class Int>
struct Scanned {
  Int number = 0;
  bool too_large = false;
  bool valid = false;
};
template <class Int>
Scanned<Int> scan(std::string_view text) {
  text = without_spaces(text);
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return {};
  }
  Scanned<Int> scanned;
  const char* limit = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), limit, scanned.number);
  scanned.too_large = error == std::errc::result_out_of_range;
  scanned.valid = error == std::errc() && end == limit;
  return scanned;
}

template <class Int>
Result<Value> text_to_integer(const Call& call) {
  const Scanned<Int> scanned = scan<Int>(text_of(call));
  if (scanned.too_large) return too_large(kTypeName<Int>, text_of(call));
  if (!scanned.valid) return invalid(kTypeName<Int>, text_of(call));
  return number_value(scanned.number);
}

template <class Int>
Result<Value> scan_oid(std::string_view text, Int least, Int most) {
  const Scanned<Int> scanned = scan<Int>(text);
  if (!scanned.too_large && !scanned.valid) return invalid("oid", text);
  if (scanned.too_large || scanned.number > most || scanned.number < least) return too_large("oid", text);
  return number_value(static_cast<std::int64_t>(static_cast<std::uint32_t>(scanned.number)));
}

// A negative number is the OID with the same bits.
Result<Value> text_to_oid(const Call& call) {
  const std::string_view text = text_of(call);
  if (without_spaces(text).starts_with('-'))
    return scan_oid<std::int64_t>(text, std::numeric_limits<std::int32_t>::min(), 0);
  return scan_oid<std::uint64_t>(text, 0, std::numeric_limits<std::uint32_t>::max());
}

Result<Value> text_to_real(const Call& call) {
  PENSTOCK_ASSIGN(const float number, parse_real(text_of(call)));
  return number_value(number);
}
Result<Value> text_to_double(const Call& call) {
  PENSTOCK_ASSIGN(const double number, parse_double(text_of(call)));
  return number_value(number);
}
Result<Value> text_to_numeric(const Call& call) {
  PENSTOCK_ASSIGN(const Numeric number, Numeric::parse(text_of(call)));
  PENSTOCK_ASSIGN(const Numeric fitted, with_modifier(number, call.modifier));
  return numeric_to_value(fitted, call.arena);
}

// Any beginning of the words that is not two of them at once, in any case (PostgreSQL manual: "Boolean
// Type").
Result<Value> text_to_bool(const Call& call) {
  std::string word;
  for (const char c : without_spaces(text_of(call)))
    word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::string_view given = word;
  const auto begins = [&](std::string_view whole, std::size_t least) {
    return given.size() >= least && whole.starts_with(given);
  };
  if (begins("true", 1) || begins("yes", 1) || begins("on", 2) || begins("1", 1)) return Value(true);
  if (begins("false", 1) || begins("no", 1) || begins("off", 2) || begins("0", 1)) return Value(false);
  return invalid("boolean", text_of(call));
}

// --- Text of a declared length

// Where `characters` characters of UTF-8 end; the whole size when there are fewer. Counts them in `seen`.
std::size_t bytes_of(std::string_view text, std::size_t characters, std::size_t& seen) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (begins && seen == characters) return at;
    if (begins) ++seen;
  }
  return text.size();
}

std::string_view without_padding(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// An explicit cast cuts off what is too long.
Value to_varchar(std::string_view text, const Call& call) {
  if (call.modifier >= kModifierHeader) {
    std::size_t seen = 0;
    text = text.substr(0, bytes_of(text, static_cast<std::size_t>(call.modifier - kModifierHeader), seen));
  }
  return Value(Text{text});
}

Value to_character(std::string_view text, const Call& call) {
  if (call.modifier < kModifierHeader) return Value(Text{text});
  const auto wanted = static_cast<std::size_t>(call.modifier - kModifierHeader);
  std::size_t seen = 0;
  text = text.substr(0, bytes_of(text, wanted, seen));
  if (seen == wanted) return Value(Text{text});
  return Value(Text{call.arena.copy(std::string(text).append(wanted - seen, ' '))});
}

Value fitted(std::string_view text, std::uint32_t type, const Call& call) {
  if (type == oid::kVarchar) return to_varchar(text, call);
  if (type == oid::kBpchar) return to_character(text, call);
  return Value(Text{text});
}

template <std::uint32_t To>
Result<Value> text_to_text(const Call& call) {
  return fitted(text_of(call), To, call);
}
// character loses its padding when it becomes another type.
template <std::uint32_t To>
Result<Value> character_to_text(const Call& call) {
  return fitted(without_padding(text_of(call)), To, call);
}

// --- A number becomes text

void append_as_text(std::string& out, const Value& value, bool is_real) {
  if (const auto* flag = value.get<bool>()) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = value.get<double>(); number != nullptr && is_real) {
    append_real(out, *number);
  } else {
    append_text(out, value);
  }
}

template <std::uint32_t To, bool IsReal>
Result<Value> number_to_text(const Call& call) {
  std::string text;
  append_as_text(text, call.arguments[0], IsReal);
  return fitted(call.arena.copy(text), To, call);
}

struct Adder {
  std::vector<Function>& to;
  void operator()(std::uint32_t from, std::uint32_t result, char context, Implementation call,
                  std::string_view example = {}) const {
    to.push_back({.name = "::",
                  .arguments = {from},
                  .result = result,
                  .call = call,
                  .cast_context = context,
                  .example = example});
  }
};

// `context`: an unknown literal becomes whatever is wanted, text only when asked.
void add_readers(const Adder& add, std::uint32_t from, char context) {
  const bool shown = from == oid::kText;
  const auto example = [&](std::string_view text) { return shown ? text : std::string_view(); };
  add(from, oid::kInt2, context, text_to_integer<std::int16_t>);
  add(from, oid::kInt4, context, text_to_integer<std::int32_t>, example("' 42 '::text::integer = 42"));
  add(from, oid::kInt8, context, text_to_integer<std::int64_t>);
  add(from, oid::kOid, context, text_to_oid);
  add(from, oid::kFloat4, context, text_to_real);
  add(from, oid::kFloat8, context, text_to_double, example("'1e3'::text::float8 = 1000"));
  add(from, oid::kNumeric, context, text_to_numeric, example("'9.50'::text::numeric < 100"));
  add(from, oid::kBool, context, text_to_bool, example("'yes'::text::boolean"));
}

template <std::uint32_t To>
void add_writers(const Adder& add) {
  constexpr char kContext = 'a';
  const bool shown = To == oid::kText;
  const auto example = [&](std::string_view text) { return shown ? text : std::string_view(); };
  add(oid::kInt2, To, kContext, number_to_text<To, false>);
  add(oid::kInt4, To, kContext, number_to_text<To, false>, example("42::text = '42'"));
  add(oid::kInt8, To, kContext, number_to_text<To, false>);
  add(oid::kOid, To, kContext, number_to_text<To, false>);
  add(oid::kFloat4, To, kContext, number_to_text<To, true>, example("0.1::float4::text = '0.1'"));
  add(oid::kFloat8, To, kContext, number_to_text<To, false>, example("1e20::float8::text = '1e+20'"));
  add(oid::kNumeric, To, kContext, number_to_text<To, false>, example("1.50::text = '1.50'"));
  add(oid::kBool, To, kContext, number_to_text<To, false>, example("true::text = 'true'"));
}

}  // namespace

void add_text_casts(std::vector<Function>& to) {
  const Adder add{to};
  add_readers(add, oid::kUnknown, 'i');
  add_readers(add, oid::kText, 'e');
  add_readers(add, oid::kVarchar, 'e');
  add_readers(add, oid::kBpchar, 'e');
  add_writers<oid::kText>(add);
  add_writers<oid::kVarchar>(add);
  add_writers<oid::kBpchar>(add);
  add(oid::kUnknown, oid::kText, 'i', text_to_text<oid::kText>);
  add(oid::kUnknown, oid::kVarchar, 'i', text_to_text<oid::kVarchar>, "'abcdef'::varchar(3) = 'abc'");
  add(oid::kUnknown, oid::kBpchar, 'i', text_to_text<oid::kBpchar>);
  add(oid::kText, oid::kVarchar, 'i', text_to_text<oid::kVarchar>, "'abcdef'::text::varchar(3) = 'abc'");
  add(oid::kText, oid::kBpchar, 'i', text_to_text<oid::kBpchar>, "octet_length('ab'::text::char(4)) = 4");
  add(oid::kVarchar, oid::kText, 'i', text_to_text<oid::kText>);
  add(oid::kVarchar, oid::kVarchar, 'i', text_to_text<oid::kVarchar>);
  add(oid::kVarchar, oid::kBpchar, 'i', text_to_text<oid::kBpchar>);
  add(oid::kBpchar, oid::kText, 'i', character_to_text<oid::kText>, "'ab'::char(4)::text = 'ab'");
  add(oid::kBpchar, oid::kVarchar, 'i', character_to_text<oid::kVarchar>);
  add(oid::kBpchar, oid::kBpchar, 'i', text_to_text<oid::kBpchar>);
}

}  // namespace penstock::expression
