#include <algorithm>

#include "pgtype/decoders.h"
#include "pgtype/quoting.h"

namespace penstock::pgtype {
namespace {

constexpr int kMaxDimensions = 6;  // PostgreSQL's MAXDIM

// One array text (PostgreSQL manual: "Array Input and Output Syntax").
class ArrayReader {
 public:
  ArrayReader(std::string_view text, const Decoder& element, char delimiter, Arena& arena)
      : text_(text), element_(element), delimiter_(delimiter), arena_(arena) {}

  Result<Value> read() {
    if (text_.starts_with('[')) {  // "[2:3]={…}": documents have no lower bounds
      at_ = text_.find('=');
      if (at_ == std::string_view::npos) return refuse("lower bounds without '='");
      ++at_;
    }
    PENSTOCK_ASSIGN(Value value, read_level(1));
    if (at_ != text_.size()) return refuse("text behind the closing brace");
    auto array = *value.get<Array>();
    array.text = text_;
    return Value(array);
  }

 private:
  // From '{' to behind its '}'.
  Result<Value> read_level(int depth) {
    if (depth > kMaxDimensions) return refuse("too many dimensions");
    if (!next_is('{')) return refuse("no opening brace");
    const std::size_t start = at_++;
    const std::size_t count = count_items();
    auto* items = count == 0 ? nullptr : arena_.array<Value>(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) ++at_;  // the delimiter, which count_items() has seen
      PENSTOCK_ASSIGN(items[i], next_is('{') ? read_level(depth + 1) : read_item());
      if (!next_is(i + 1 == count ? '}' : delimiter_))
        return refuse("an element does not end with a delimiter");
    }
    if (!next_is('}')) return refuse("no closing brace");
    ++at_;
    return Value(Array{items, static_cast<std::uint32_t>(count), text_.substr(start, at_ - start)});
  }

  Result<Value> read_item() {
    if (next_is('"')) {
      const auto quoted = read_backslash_quoted(text_, at_, arena_);
      if (!quoted) return refuse("an element's quote is not closed");
      return element_.decode(*quoted, arena_);
    }
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '}') ++at_;
    const std::string_view item = text_.substr(start, at_ - start);
    if (item == "NULL") return Value(Null{});
    if (item.empty()) return refuse("an element is empty");
    return element_.decode(item, arena_);
  }

  // Elements of the level that begins at `at_`; what is malformed shows when they are read.
  std::size_t count_items() const {
    if (next_is('}')) return 0;
    std::size_t count = 1;
    int depth = 0;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '"') {
        i = skip_backslash_quoted(text_, i);
      } else if (c == '{') {
        ++depth;
      } else if (c == '}' && depth-- == 0) {
        break;
      } else if (c == delimiter_ && depth == 0) {
        ++count;
      }
    }
    return count;
  }

  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  tl::unexpected<Error> refuse(std::string_view why) const { return bad_value(text_, "an array", why); }

  std::string_view text_;
  const Decoder& element_;
  char delimiter_;
  Arena& arena_;
  std::size_t at_ = 0;
};

class ArrayDecoder final : public Decoder {
 public:
  ArrayDecoder(DecoderPtr element, char delimiter) : element_(std::move(element)), delimiter_(delimiter) {}
  Result<Value> decode(std::string_view text, Arena& arena) const override {
    return ArrayReader(text, *element_, delimiter_, arena).read();
  }

 private:
  DecoderPtr element_;
  char delimiter_;
};

class VectorDecoder final : public Decoder {
 public:
  explicit VectorDecoder(DecoderPtr element) : element_(std::move(element)) {}
  Result<Value> decode(std::string_view text, Arena& arena) const override {
    if (text.empty()) return Value(Array{});
    std::size_t count = 1;
    for (const char c : text) count += c == ' ' ? 1 : 0;
    auto* items = arena.array<Value>(count);
    std::size_t start = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t end = std::min(text.find(' ', start), text.size());
      PENSTOCK_ASSIGN(items[i], element_->decode(text.substr(start, end - start), arena));
      start = end + 1;
    }
    return Value(Array{items, static_cast<std::uint32_t>(count), text});
  }

 private:
  DecoderPtr element_;
};

}  // namespace

DecoderPtr make_array(DecoderPtr element, char delimiter) {
  return std::make_shared<ArrayDecoder>(std::move(element), delimiter);
}
DecoderPtr make_vector(DecoderPtr element) { return std::make_shared<VectorDecoder>(std::move(element)); }

}  // namespace penstock::pgtype
