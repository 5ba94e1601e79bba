#include "expression/array_text.h"

#include <algorithm>
#include <charconv>

#include "expression/output.h"

namespace penstock::expression {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_null_word(std::string_view text) {
  constexpr std::string_view kWord = "null";
  return std::equal(text.begin(), text.end(), kWord.begin(), kWord.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool read_whole(ArrayText& into) {
    skip_spaces();
    if (peek() == '[' && !read_bounds(into)) return false;
    if (!read_braces(into, 0)) return false;
    skip_spaces();
    return at_ == text_.size() && has_bounds_of(into);
  }

 private:
  static constexpr int kMostDimensions = 6;

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_spaces() {
    while (is_space(peek())) ++at_;
  }
  // "[2:3][5]=": the upper bound alone counts from 1.
  bool read_bounds(ArrayText& into) {
    bool all_from_one = true;
    while (peek() == '[') {
      ++at_;
      std::int64_t lower = 1;
      std::int64_t upper = 0;
      if (!read_number(upper)) return false;
      if (peek() == ':') {
        lower = upper;
        ++at_;
        if (!read_number(upper)) return false;
      }
      if (peek() != ']' || upper < lower) return false;
      ++at_;
      all_from_one = all_from_one && lower == 1;
      sizes_.push_back(static_cast<std::size_t>(upper - lower + 1));
      into.bounds += "[" + std::to_string(lower) + ":" + std::to_string(upper) + "]";
    }
    skip_spaces();
    if (peek() != '=') return false;
    ++at_;
    skip_spaces();
    into.bounds = all_from_one ? std::string() : into.bounds + "=";
    return true;
  }

  bool read_number(std::int64_t& number) {
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    at_ = static_cast<std::size_t>(end - text_.data());
    return error == std::errc();
  }

  // Whether the array has the sizes that were written before it.
  bool has_bounds_of(const ArrayText& array) const {
    const ArrayText* at = &array;
    for (const std::size_t size : sizes_) {
      if (at == nullptr || at->items.size() + at->arrays.size() != size) return false;
      at = at->arrays.empty() ? nullptr : &at->arrays.front();
    }
    return true;
  }

  bool read_braces(ArrayText& into, int depth) {
    if (peek() != '{' || depth >= kMostDimensions) return false;
    ++at_;
    skip_spaces();
    if (peek() == '}') {
      ++at_;
      return true;
    }
    while (read_element(into, depth)) {
      skip_spaces();
      const char next = peek();
      ++at_;
      if (next == '}') return same_sizes(into);
      if (next != ',') return false;
      skip_spaces();
    }
    return false;
  }

  // All elements are of one kind, and arrays of one size.
  static bool same_sizes(const ArrayText& array) {
    if (array.arrays.empty()) return true;
    const auto size = [](const ArrayText& one) { return one.items.size() + one.arrays.size(); };
    return array.items.empty() && std::all_of(array.arrays.begin(), array.arrays.end(), [&](const auto& one) {
             return size(one) == size(array.arrays.front()) &&
                    one.arrays.empty() == array.arrays.front().arrays.empty();
           });
  }

  bool read_element(ArrayText& into, int depth) {
    if (peek() == '{') return read_braces(into.arrays.emplace_back(), depth + 1);
    std::string text;
    const bool quoted = peek() == '"';
    if (!(quoted ? read_quoted(text) : read_plain(text))) return false;
    if (!quoted && is_null_word(text)) {
      into.items.emplace_back(std::nullopt);
    } else {
      into.items.emplace_back(std::move(text));
    }
    return true;
  }

  bool read_quoted(std::string& text) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        return true;
      }
      if (text_[at_] == '\\' && ++at_ == text_.size()) return false;
      text += text_[at_];
    }
    return false;
  }

  bool read_plain(std::string& text) {
    std::size_t kept = 0;  // behind it there are only spaces
    for (; at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}'; ++at_) {
      if (text_[at_] == '{' || text_[at_] == '"') return false;
      const bool escaped = text_[at_] == '\\';
      if (escaped && ++at_ == text_.size()) return false;
      text += text_[at_];
      if (escaped || !is_space(text_[at_])) kept = text.size();
    }
    text.resize(kept);
    return kept > 0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::size_t> sizes_;  // as written before the array
};

bool needs_quotes(std::string_view text) {
  return text.empty() || is_null_word(text) ||
         text.find_first_of("{}\",\\ \t\n\v\f\r") != std::string_view::npos;
}

void append_item(std::string& out, const Value& item, std::uint32_t element) {
  if (item.is_null()) {
    out += "NULL";
    return;
  }
  std::string text;
  append_output(text, item, element);
  if (item.get<Array>() != nullptr || !needs_quotes(text)) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace

Result<ArrayText> parse_array(std::string_view text) {
  ArrayText array;
  if (Reader(text).read_whole(array)) return array;
  return fail(ErrorKind::kBadValue, "malformed array literal: \"" + std::string(text) + "\"");
}

std::vector<std::int64_t> lower_bounds(std::string_view text) {
  std::vector<std::int64_t> bounds;
  while (text.starts_with('[')) {
    text.remove_prefix(1);
    std::int64_t& bound = bounds.emplace_back(1);
    std::from_chars(text.data(), text.data() + text.size(), bound);
    text.remove_prefix(std::min(text.find(']'), text.size() - 1) + 1);
  }
  return bounds;
}

Value with_bounds_of(std::string_view text, const Value& array, Arena& arena) {
  const auto* made = array.get<Array>();
  if (made == nullptr || !text.starts_with('[')) return array;
  const std::string_view bounds = text.substr(0, text.find('=') + 1);
  return Array{made->items, made->size, arena.copy(std::string(bounds).append(made->text))};
}

Value array_value(std::span<const Value> items, std::uint32_t element, Arena& arena) {
  std::string text = "{";
  Value* copies = arena.array<Value>(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    copies[i] = items[i];
    if (i > 0) text += ',';
    append_item(text, items[i], element);
  }
  text += '}';
  return Array{copies, static_cast<std::uint32_t>(items.size()), arena.copy(text)};
}

}  // namespace penstock::expression
