#include "expression/arguments.h"
#include "expression/array/families.h"
#include "expression/array/items.h"

namespace penstock::expression {
namespace {

void append_joined(std::string& out, const Value& array, std::string_view separator,
                   const std::string_view* null_text, bool& first) {
  for (const Value& item : items_of(array)) {
    if (item.get<Array>() != nullptr) {
      append_joined(out, item, separator, null_text, first);
      continue;
    }
    if (item.is_null() && null_text == nullptr) continue;
    if (!first) out += separator;
    first = false;
    if (item.is_null()) {
      out += *null_text;
    } else {
      append_text(out, item);
    }
  }
}
Result<Value> array_to_string(const Call& call) {
  if (call.arguments[0].is_null() || call.arguments[1].is_null()) return Value(Null{});
  std::string_view null_text;
  const bool with_null_text = call.arguments.size() > 2 && !call.arguments[2].is_null();
  if (with_null_text) null_text = text_argument(call, 2);
  std::string out;
  bool first = true;
  append_joined(out, call.arguments[0], text_argument(call, 1), with_null_text ? &null_text : nullptr, first);
  return text_result(call, out);
}

Value text_or_null(std::string_view text, const Value* null_text) {
  if (null_text != nullptr && !null_text->is_null() && std::get<Text>(null_text->v).text == text)
    return Null{};
  return Text{text};
}
// A separator of NULL parts every character.
Result<Value> string_to_array(const Call& call) {
  if (call.arguments[0].is_null()) return Value(Null{});
  const Value* null_text = call.arguments.size() > 2 ? &call.arguments[2] : nullptr;
  std::string_view text = text_argument(call, 0);
  std::vector<Value> items;
  if (text.empty()) return array_from(call, items);
  const bool by_character = call.arguments[1].is_null();
  const std::string_view separator = by_character ? std::string_view{} : text_argument(call, 1);
  if (!by_character && separator.empty()) {
    items.push_back(text_or_null(text, null_text));
    return array_from(call, items);
  }
  for (bool more = true; more;) {
    std::size_t end = by_character ? 1 : text.find(separator);
    while (by_character && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    more = by_character ? end < text.size() : end != std::string_view::npos;
    items.push_back(text_or_null(text.substr(0, end), null_text));
    if (more) text.remove_prefix(end + separator.size());
  }
  return array_from(call, items);
}

}  // namespace

std::vector<Function> array_texts() {
  using namespace oid;
  return {
      {.name = "array_to_string",
       .arguments = {kAnyArray, kText},
       .result = kText,
       .call = array_to_string,
       .strict = false,
       .example = "array_to_string(array[1, null, 3], ',') = '1,3'"},
      {.name = "array_to_string",
       .arguments = {kAnyArray, kText, kText},
       .result = kText,
       .call = array_to_string,
       .strict = false,
       .example = "array_to_string(array['a', null], '-', '?') = 'a-?'"},
      {.name = "string_to_array",
       .arguments = {kText, kText},
       .result = kTextArray,
       .call = string_to_array,
       .strict = false,
       .example = "string_to_array('a,b', ',') = '{a,b}'"},
      {.name = "string_to_array",
       .arguments = {kText, kText, kText},
       .result = kTextArray,
       .call = string_to_array,
       .strict = false,
       .example = "string_to_array('xx~~yy', '~~', 'yy') = '{xx,NULL}'"},
  };
}

}  // namespace penstock::expression
