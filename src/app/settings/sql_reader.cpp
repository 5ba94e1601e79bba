#include "app/settings/sql_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

#include "app/settings/names.h"
#include "app/settings/section.h"

namespace penstock::app {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// A plain word means the column of that very name.
std::string as_expression(const std::string& text) {
  const auto column = parse_column(text);
  return column ? quote_identifier(*column) : text;
}

// Walks over an expression: commas of the top level, and what is not closed. PostgreSQL manual: "Lexical
// Structure".
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // The next comma of the top level, or the end; nothing when something is left open or closed too often.
  std::optional<std::size_t> next_border() {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == ',' && open_.empty()) return at_++;
      if (!step()) return std::nullopt;
    }
    return open_.empty() ? std::optional<std::size_t>(text_.size()) : std::nullopt;
  }

 private:
  // Leaves `at_` on the last character of what begins there.
  bool step() {
    const char c = text_[at_];
    if (c == '(' || c == '[') open_ += c;
    if (c == ')' || c == ']') {
      if (open_.empty() || open_.back() != (c == ')' ? '(' : '[')) return false;
      open_.pop_back();
    }
    if (c == '"') return skip_to("\"", at_ + 1);
    if (c == '\'') return skip_string();
    if (text_.substr(at_, 2) == "--") return skip_to("\n", at_ + 2) || (at_ = text_.size() - 1, true);
    if (text_.substr(at_, 2) == "/*") return skip_to("*/", at_ + 2);
    if (c == '$' && (at_ == 0 || !is_word(text_[at_ - 1]))) return skip_dollar();
    return true;
  }

  bool skip_to(std::string_view end, std::size_t from) {
    const std::size_t found = text_.find(end, from);
    if (found == std::string_view::npos) return false;
    at_ = found + end.size() - 1;
    return true;
  }

  // A doubled quote is the end of one string and the beginning of the next.
  bool skip_string() {
    const bool escapes =
        at_ > 0 && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E') && (at_ == 1 || !is_word(text_[at_ - 2]));
    if (!escapes) return skip_to("'", at_ + 1);
    for (++at_; at_ < text_.size() && text_[at_] != '\''; ++at_)
      if (text_[at_] == '\\') ++at_;
    return at_ < text_.size();
  }

  bool skip_dollar() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_word(text_[end])) ++end;
    const bool quotes = end < text_.size() && text_[end] == '$' &&
                        std::isdigit(static_cast<unsigned char>(text_[at_ + 1])) == 0;
    return !quotes || skip_to(text_.substr(at_, end - at_ + 1), end + 1);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string open_;
};

// The part [first, last) of `list`, trimmed, with its own place.
SqlText part_of(const SqlText& list, std::size_t first, std::size_t last) {
  while (first < last && kSpace.find(list.text[first]) != std::string_view::npos) ++first;
  while (last > first && kSpace.find(list.text[last - 1]) != std::string_view::npos) --last;
  SqlText part{list.text.substr(first, last - first), list.line, list.column};
  for (std::size_t i = 0; i < first; ++i) {
    part.column = list.text[i] == '\n' ? 1 : part.column + 1;
    part.line += list.text[i] == '\n' ? 1 : 0;
  }
  return part;
}

// Takes `word` off the end of `text`, where it stands alone behind something else.
bool take_last(std::string& text, std::string_view word) {
  if (text.size() <= word.size()) return false;
  const std::size_t at = text.size() - word.size();
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  if (!std::equal(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), word.begin(), same))
    return false;
  if (kSpace.find(text[at - 1]) == std::string_view::npos && text[at - 1] != ')') return false;
  const std::size_t last = text.find_last_not_of(kSpace, at - 1);
  if (last == std::string::npos) return false;
  text.erase(last + 1);
  return true;
}

OrderSpec order_of(SqlText part) {
  OrderSpec order;
  std::optional<bool> nulls_first;
  for (const bool first : {true, false}) {
    std::string without = part.text;
    if (!take_last(without, first ? "first" : "last") || !take_last(without, "nulls")) continue;
    part.text = std::move(without);
    nulls_first = first;
    break;
  }
  order.descending = take_last(part.text, "desc");
  if (!order.descending) take_last(part.text, "asc");
  order.nulls_first = nulls_first.value_or(false);
  part.text = as_expression(part.text);
  order.sql = std::move(part);
  return order;
}

}  // namespace

Result<SqlText> read_sql(const std::string& file, const YamlNode& node, const std::string& what) {
  PENSTOCK_ASSIGN(const std::string text, scalar_text(file, node, what));
  const bool literal = node.is_true() || node.is_false();
  return SqlText{literal ? text : as_expression(text), node.text_line, node.text_column};
}

Result<std::vector<SqlText>> split_list(const std::string& file, const SqlText& list,
                                        const std::string& what) {
  std::vector<SqlText> parts;
  Scanner scanner(list.text);
  std::size_t first = 0;
  while (true) {
    const auto border = scanner.next_border();
    if (!border)
      return fail(error_at(file, list.line, list.column,
                           fmt::format("a quote, parenthesis or bracket in {} has no partner", what)));
    parts.push_back(part_of(list, first, *border));
    if (parts.back().text.empty())
      return fail(
          error_at(file, parts.back().line, parts.back().column, fmt::format("an empty part in {}", what)));
    if (*border == list.text.size()) return parts;
    first = *border + 1;
  }
}

Result<std::vector<OrderSpec>> read_order(const std::string& file, const YamlNode::Entry& entry,
                                          const std::string& what) {
  std::vector<const YamlNode*> texts;
  if (entry.value.kind == YamlNode::Kind::kList) {
    for (const YamlNode& item : entry.value.items) texts.push_back(&item);
  } else {
    texts.push_back(&entry.value);
  }
  std::vector<OrderSpec> orders;
  for (const YamlNode* node : texts) {
    PENSTOCK_ASSIGN(const std::string text, scalar_text(file, *node, what));
    PENSTOCK_ASSIGN(std::vector<SqlText> parts,
                    split_list(file, SqlText{text, node->text_line, node->text_column}, what));
    for (SqlText& part : parts) orders.push_back(order_of(std::move(part)));
  }
  if (orders.empty()) return fail(error_at(file, entry, fmt::format("{} names nothing", what)));
  return orders;
}

}  // namespace penstock::app
