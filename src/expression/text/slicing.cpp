#include "expression/text/slicing.h"

#include <algorithm>
#include <limits>

#include "expression/arguments.h"
#include "expression/text/utf8.h"

namespace penstock::expression {
namespace {

// PostgreSQL's greatest allocation, and its longest character.
constexpr std::int64_t kMostBytes = 0x3fffffff;
constexpr std::int64_t kHeader = 4;
constexpr std::int64_t kLongestCharacter = 4;

// Characters from `start` (from 1) on; all to the end without `length`.
Result<std::string_view> slice(std::string_view text, std::int32_t start, const std::int32_t* length) {
  const std::size_t first = start > 1 ? static_cast<std::size_t>(start) - 1 : 0;
  if (length == nullptr) return text.substr(offset_of_character(text, first));
  if (*length < 0) return bad_row("negative substring length not allowed");
  const std::int64_t end = std::int64_t{start} + *length;
  const std::string_view rest = text.substr(offset_of_character(text, first));
  if (end > std::numeric_limits<std::int32_t>::max()) return rest;
  if (end < 1) return std::string_view{};
  return rest.substr(0, offset_of_character(rest, static_cast<std::size_t>(end) - 1 - first));
}

Result<Value> substring_from(const Call& call) {
  PENSTOCK_ASSIGN(const auto part, slice(text_argument(call, 0), int_argument(call, 1), nullptr));
  return Value(Text{part});
}
Result<Value> substring_for(const Call& call) {
  const std::int32_t length = int_argument(call, 2);
  PENSTOCK_ASSIGN(const auto part, slice(text_argument(call, 0), int_argument(call, 1), &length));
  return Value(Text{part});
}

// A count from the front, or with a negative one all but that many from the back; in characters.
std::size_t from_front(std::string_view text, std::int32_t count) {
  if (count >= 0) return static_cast<std::size_t>(count);
  const auto length = static_cast<std::int64_t>(count_characters(text));
  return static_cast<std::size_t>(std::max<std::int64_t>(0, length + count));
}

Result<Value> left(const Call& call) {
  const std::string_view text = text_argument(call, 0);
  return Value(Text{text.substr(0, offset_of_character(text, from_front(text, int_argument(call, 1))))});
}

Result<Value> right(const Call& call) {
  const std::string_view text = text_argument(call, 0);
  const std::int64_t count = int_argument(call, 1);
  const auto length = static_cast<std::int64_t>(count_characters(text));
  // PostgreSQL negates in 32 bits, where the least number stays negative and skips nothing.
  const bool least = count == std::numeric_limits<std::int32_t>::min();
  const std::int64_t skipped = count >= 0 ? std::max<std::int64_t>(0, length - count) : least ? 0 : -count;
  return Value(Text{text.substr(offset_of_character(text, static_cast<std::size_t>(skipped)))});
}

// `text` cut to `length` characters, or the filler repeated to what is missing.
struct Padded {
  std::string_view text;
  std::string filler;
};
Result<Padded> pad(const Call& call) {
  const std::string_view text = text_argument(call, 0);
  const std::string_view fill = call.arguments.size() > 2 ? text_argument(call, 2) : " ";
  const std::int64_t length = std::max(int_argument(call, 1), 0);
  const auto present = static_cast<std::int64_t>(count_characters(text));
  const std::int64_t wanted = fill.empty() ? std::min(length, present) : length;
  if (wanted * kLongestCharacter + kHeader > kMostBytes) return bad_row("requested length too large");
  Padded padded{text.substr(0, offset_of_character(text, static_cast<std::size_t>(wanted))), {}};
  std::size_t at = 0;
  for (std::int64_t missing = wanted - present; missing > 0; --missing) {
    const std::size_t size = character_size(fill[at]);
    padded.filler += fill.substr(at, size);
    at = at + size < fill.size() ? at + size : 0;
  }
  return padded;
}
Result<Value> lpad(const Call& call) {
  PENSTOCK_ASSIGN(Padded padded, pad(call));
  return text_result(call, padded.filler.append(padded.text));
}
Result<Value> rpad(const Call& call) {
  PENSTOCK_ASSIGN(const Padded padded, pad(call));
  return text_result(call, std::string(padded.text).append(padded.filler));
}

Result<Value> split_part(const Call& call) {
  const std::string_view text = text_argument(call, 0);
  const std::string_view delimiter = text_argument(call, 1);
  std::int64_t field = int_argument(call, 2);
  if (field == 0) return bad_row("field position must not be zero");
  if (text.empty()) return Value(Text{});
  if (delimiter.empty()) return Value(Text{field == 1 || field == -1 ? text : std::string_view{}});
  if (field < 0) {
    std::int64_t fields = 1;
    for (std::size_t at = text.find(delimiter); at != std::string_view::npos;
         at = text.find(delimiter, at + delimiter.size()))
      ++fields;
    field += fields + 1;
    if (field < 1) return Value(Text{});
  }
  std::size_t start = 0;
  for (; field > 1; --field) {
    const std::size_t next = text.find(delimiter, start);
    if (next == std::string_view::npos) return Value(Text{});
    start = next + delimiter.size();
  }
  return Value(Text{text.substr(start, std::min(text.find(delimiter, start), text.size()) - start)});
}

Result<Value> position(const Call& call) {
  const std::string_view text = text_argument(call, 0);
  const std::size_t at = text.find(text_argument(call, 1));
  if (at == std::string_view::npos) return Value(std::int32_t{0});
  return Value(static_cast<std::int32_t>(count_characters(text.substr(0, at)) + 1));
}

Result<Value> overlay(const Call& call) {
  const std::string_view text = text_argument(call, 0);
  const std::string_view placed = text_argument(call, 1);
  const std::int32_t start = int_argument(call, 2);
  const std::int32_t length =
      call.arguments.size() > 3 ? int_argument(call, 3) : static_cast<std::int32_t>(count_characters(placed));
  if (start <= 0) return bad_row("negative substring length not allowed");
  std::int32_t behind = 0;
  if (__builtin_add_overflow(start, length, &behind)) return bad_row("integer out of range");
  const std::int32_t before = start - 1;
  PENSTOCK_ASSIGN(const auto head, slice(text, 1, &before));
  PENSTOCK_ASSIGN(const auto tail, slice(text, behind, nullptr));
  return text_result(call, std::string(head).append(placed).append(tail));
}

Result<Value> replace(const Call& call) {
  const std::string_view text = text_argument(call, 0);
  const std::string_view from = text_argument(call, 1);
  const std::string_view to = text_argument(call, 2);
  std::size_t found = from.empty() ? std::string_view::npos : text.find(from);
  if (found == std::string_view::npos) return Value(Text{text});
  std::string out;
  std::size_t start = 0;
  for (; found != std::string_view::npos; found = text.find(from, start)) {
    out.append(text, start, found - start).append(to);
    start = found + from.size();
  }
  return text_result(call, out.append(text, start));
}

Result<Value> translate(const Call& call) {
  const std::vector<char32_t> from = to_characters(text_argument(call, 1));
  const std::vector<char32_t> to = to_characters(text_argument(call, 2));
  const std::string_view text = text_argument(call, 0);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    const auto found = static_cast<std::size_t>(std::find(from.begin(), from.end(), c) - from.begin());
    if (found == from.size()) {
      append_character(out, c);
    } else if (found < to.size()) {
      append_character(out, to[found]);
    }
  }
  return text_result(call, out);
}

Result<Value> reverse(const Call& call) {
  const std::string_view text = text_argument(call, 0);
  std::string out(text.size(), ' ');
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::min(character_size(text[at]), text.size() - at);
    out.replace(text.size() - at - size, size, text, at, size);
    at += size;
  }
  return text_result(call, out);
}

Result<Value> repeat(const Call& call) {
  const std::string_view text = text_argument(call, 0);
  const std::int64_t count = std::max(int_argument(call, 1), 0);
  const std::int64_t size = count * static_cast<std::int64_t>(text.size());
  if (size + kHeader > kMostBytes) return bad_row("requested length too large");
  std::string out;
  out.reserve(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < count && !text.empty(); ++i) out += text;
  return text_result(call, out);
}

enum class Side { kBoth, kLeft, kRight };

template <Side side>
Result<Value> trim(const Call& call) {
  std::string_view text = text_argument(call, 0);
  const std::vector<char32_t> set =
      call.arguments.size() > 1 ? to_characters(text_argument(call, 1)) : std::vector<char32_t>{U' '};
  const auto in_set = [&set](char32_t c) { return std::find(set.begin(), set.end(), c) != set.end(); };
  while (side != Side::kRight && !text.empty()) {
    std::size_t behind = 0;
    if (!in_set(next_character(text, behind))) break;
    text.remove_prefix(behind);
  }
  while (side != Side::kLeft && !text.empty()) {
    std::size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
    std::size_t at = last;
    if (!in_set(next_character(text, at))) break;
    text = text.substr(0, last);
  }
  return Value(Text{text});
}

std::vector<Function> searching() {
  using namespace oid;
  return {
      {.name = "split_part",
       .arguments = {kText, kText, kInt4},
       .result = kText,
       .call = split_part,
       .example = "split_part('a,b,c', ',', -1) = 'c'"},
      {.name = "strpos",
       .arguments = {kText, kText},
       .result = kInt4,
       .call = position,
       .example = "strpos('high', 'ig') = 2"},
      {.name = "position",
       .arguments = {kText, kText},
       .result = kInt4,
       .call = position,
       .example = "position('om' in 'Thomas') = 3"},
      {.name = "overlay",
       .arguments = {kText, kText, kInt4},
       .result = kText,
       .call = overlay,
       .example = "overlay('abcdef' placing 'XY' from 2) = 'aXYdef'"},
      {.name = "overlay",
       .arguments = {kText, kText, kInt4, kInt4},
       .result = kText,
       .call = overlay,
       .example = "overlay('Txxxxas' placing 'hom' from 2 for 4) = 'Thomas'"},
      {.name = "replace",
       .arguments = {kText, kText, kText},
       .result = kText,
       .call = replace,
       .example = "replace('abcabc', 'b', '-') = 'a-ca-c'"},
      {.name = "translate",
       .arguments = {kText, kText, kText},
       .result = kText,
       .call = translate,
       .example = "translate('12345', '143', 'ax') = 'a2x5'"},
      {.name = "reverse",
       .arguments = {kText},
       .result = kText,
       .call = reverse,
       .example = "reverse('été!') = '!été'"},
      {.name = "repeat",
       .arguments = {kText, kInt4},
       .result = kText,
       .call = repeat,
       .example = "repeat('ab', 3) = 'ababab'"},
  };
}

}  // namespace

std::vector<Function> slicing_functions() {
  using namespace oid;
  std::vector<Function> all = {
      {.name = "substring",
       .arguments = {kText, kInt4},
       .result = kText,
       .call = substring_from,
       .example = "substring('Thomas' from 3) = 'omas'"},
      {.name = "substring",
       .arguments = {kText, kInt4, kInt4},
       .result = kText,
       .call = substring_for,
       .example = "substring('Thomas' from 2 for 3) = 'hom'"},
      {.name = "substr",
       .arguments = {kText, kInt4},
       .result = kText,
       .call = substring_from,
       .example = "substr('Thomas', 3) = 'omas'"},
      {.name = "substr",
       .arguments = {kText, kInt4, kInt4},
       .result = kText,
       .call = substring_for,
       .example = "substr('Đà Nẵng', 4, 2) = 'Nẵ'"},
      {.name = "left",
       .arguments = {kText, kInt4},
       .result = kText,
       .call = left,
       .example = "left('abcde', -2) = 'abc'"},
      {.name = "right",
       .arguments = {kText, kInt4},
       .result = kText,
       .call = right,
       .example = "right('abcde', 2) = 'de'"},
      {.name = "lpad",
       .arguments = {kText, kInt4},
       .result = kText,
       .call = lpad,
       .example = "lpad('7', 3) = '  7'"},
      {.name = "lpad",
       .arguments = {kText, kInt4, kText},
       .result = kText,
       .call = lpad,
       .example = "lpad('7', 3, '0') = '007'"},
      {.name = "rpad",
       .arguments = {kText, kInt4},
       .result = kText,
       .call = rpad,
       .example = "rpad('abc', 2) = 'ab'"},
      {.name = "rpad",
       .arguments = {kText, kInt4, kText},
       .result = kText,
       .call = rpad,
       .example = "rpad('hi', 5, 'xy') = 'hixyx'"},
  };
  const std::vector<Function> others = searching();
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

std::vector<Function> trimming_functions() {
  using namespace oid;
  return {
      {.name = "btrim",
       .arguments = {kText},
       .result = kText,
       .call = trim<Side::kBoth>,
       .example = "trim('  a b ') = 'a b'"},
      {.name = "btrim",
       .arguments = {kText, kText},
       .result = kText,
       .call = trim<Side::kBoth>,
       .example = "trim(both 'xy' from 'yxTomxx') = 'Tom'"},
      {.name = "ltrim",
       .arguments = {kText},
       .result = kText,
       .call = trim<Side::kLeft>,
       .example = "ltrim('  a ') = 'a '"},
      {.name = "ltrim",
       .arguments = {kText, kText},
       .result = kText,
       .call = trim<Side::kLeft>,
       .example = "trim(leading '0' from '0070') = '70'"},
      {.name = "rtrim",
       .arguments = {kText},
       .result = kText,
       .call = trim<Side::kRight>,
       .example = "rtrim(' a  ') = ' a'"},
      {.name = "rtrim",
       .arguments = {kText, kText},
       .result = kText,
       .call = trim<Side::kRight>,
       .example = "trim(trailing '0' from '0.500') = '0.5'"},
  };
}

}  // namespace penstock::expression
