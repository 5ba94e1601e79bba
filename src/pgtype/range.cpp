#include <optional>

#include "pgtype/decoders.h"
#include "pgtype/quoting.h"

namespace penstock::pgtype {
namespace {

constexpr std::string_view kEmpty = "empty";

// The bound's value, or a null pointer where the range is unbounded. Moves `at` to the character behind it.
Result<const Value*> read_bound(std::string_view text, std::size_t& at, std::string_view ends,
                                const Decoder& bound, Arena& arena) {
  const auto field = read_field(text, at, ends, arena);
  if (!field) return bad_value(text, "a range", "a bound's quote is not closed");
  if (!field->present) return nullptr;
  auto* value = arena.array<Value>(1);
  PENSTOCK_ASSIGN(*value, bound.decode(field->text, arena));
  return value;
}

// "[1,5)" at `at`, which moves behind it (PostgreSQL manual: "Range Input/Output").
Result<Range> read_range(std::string_view text, std::size_t& at, const Decoder& bound, Arena& arena) {
  Range range;
  if (text.substr(at, kEmpty.size()) == kEmpty) {
    at += kEmpty.size();
    range.empty = true;
    return range;
  }
  if (at >= text.size() || (text[at] != '[' && text[at] != '('))
    return bad_value(text, "a range", "no opening bracket");
  range.lower_inclusive = text[at++] == '[';
  PENSTOCK_ASSIGN(range.lower, read_bound(text, at, ",", bound, arena));
  ++at;
  PENSTOCK_ASSIGN(range.upper, read_bound(text, at, "])", bound, arena));
  range.upper_inclusive = text[at++] == ']';
  return range;
}

class RangeDecoder final : public Decoder {
 public:
  explicit RangeDecoder(DecoderPtr bound) : bound_(std::move(bound)) {}
  Result<Value> decode(std::string_view text, Arena& arena) const override {
    std::size_t at = 0;
    PENSTOCK_ASSIGN(const Range range, read_range(text, at, *bound_, arena));
    if (at != text.size()) return bad_value(text, "a range", "text behind the closing bracket");
    return Value(range);
  }

 private:
  DecoderPtr bound_;
};

// "{[1,2),[5,8)}": an array of its ranges.
class MultirangeDecoder final : public Decoder {
 public:
  explicit MultirangeDecoder(DecoderPtr bound) : bound_(std::move(bound)) {}

  Result<Value> decode(std::string_view text, Arena& arena) const override {
    if (text.size() < 2 || text.front() != '{' || text.back() != '}') {
      return bad_value(text, "a multirange", "no braces");
    }
    const std::size_t count = count_ranges(text);
    auto* items = count == 0 ? nullptr : arena.array<Value>(count);
    std::size_t at = 1;
    for (std::size_t i = 0; i < count; ++i) {
      PENSTOCK_ASSIGN(const Range range, read_range(text, at, *bound_, arena));
      items[i] = range;
      const char expected = i + 1 == count ? '}' : ',';
      if (at >= text.size() || text[at] != expected)
        return bad_value(text, "a multirange", "ranges not separated");
      ++at;
    }
    if (count > 0 && at != text.size())
      return bad_value(text, "a multirange", "text behind the closing brace");
    return Value(Array{items, static_cast<std::uint32_t>(count), text});
  }

 private:
  // Every range has one opening bracket outside quotes.
  static std::size_t count_ranges(std::string_view text) {
    std::size_t count = 0;
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == '"') {
        inside = !inside;
      } else if (!inside && (text[i] == '[' || text[i] == '(')) {
        ++count;
      }
    }
    return count;
  }
  DecoderPtr bound_;
};

}  // namespace

DecoderPtr make_range(DecoderPtr bound) { return std::make_shared<RangeDecoder>(std::move(bound)); }
DecoderPtr make_multirange(DecoderPtr bound) { return std::make_shared<MultirangeDecoder>(std::move(bound)); }

}  // namespace penstock::pgtype
