#include "expression/format/pattern.h"

#include "expression/text/utf8.h"

namespace penstock::expression {
namespace {

class PatternReader {
 public:
  PatternReader(std::string_view pattern, std::span<const Keyword> keywords, bool modifiers)
      : rest_(pattern), keywords_(keywords), modifiers_(modifiers) {}

  std::vector<PatternNode> read() {
    while (!rest_.empty()) {
      PatternNode node;
      prefix(node);
      if (const Keyword* keyword = longest()) {
        node.field = keyword->field;
        node.name = keyword->name;
        rest_.remove_prefix(keyword->name.size());
        suffix(node);
        nodes_.push_back(std::move(node));
      } else if (!rest_.empty()) {
        text();
      }
    }
    return std::move(nodes_);
  }

 private:
  bool accept(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void prefix(PatternNode& node) {
    if (!modifiers_) return;
    if (accept("FM") || accept("fm")) {
      node.fill = true;
    } else if (accept("TM") || accept("tm")) {
      node.translate = true;
    }
  }
  void suffix(PatternNode& node) {
    if (!modifiers_) return;
    if (accept("TH")) {
      node.ordinal = 'T';
    } else if (accept("th")) {
      node.ordinal = 't';
    } else if (!accept("SP")) {
      accept("sp");
    }
  }
  const Keyword* longest() const {
    const Keyword* best = nullptr;
    for (const Keyword& keyword : keywords_) {
      const bool fits = rest_.starts_with(keyword.name);
      if (fits && (best == nullptr || keyword.name.size() > best->name.size())) best = &keyword;
    }
    return best;
  }
  void character() {
    const std::size_t size = std::min(character_size(rest_[0]), rest_.size());
    PatternNode node;
    node.text = rest_.substr(0, size);
    nodes_.push_back(std::move(node));
    rest_.remove_prefix(size);
  }
  // Quoted, or one character. A backslash stands before a quote, and inside quotes before anything.
  void text() {
    if (rest_[0] != '"') {
      if (rest_.starts_with("\\\"")) rest_.remove_prefix(1);
      character();
      return;
    }
    rest_.remove_prefix(1);
    while (!rest_.empty() && !accept("\"")) {
      if (rest_[0] == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      character();
    }
  }

  std::string_view rest_;
  std::span<const Keyword> keywords_;
  bool modifiers_;
  std::vector<PatternNode> nodes_;
};

}  // namespace

std::vector<PatternNode> parse_pattern(std::string_view pattern, std::span<const Keyword> keywords,
                                       bool modifiers) {
  return PatternReader(pattern, keywords, modifiers).read();
}

std::string_view ordinal_of(std::string_view number, bool upper) {
  const char last = number.empty() ? '0' : number.back();
  const bool teens = number.size() > 1 && number[number.size() - 2] == '1';
  if (!teens && last == '1') return upper ? "ST" : "st";
  if (!teens && last == '2') return upper ? "ND" : "nd";
  if (!teens && last == '3') return upper ? "RD" : "rd";
  return upper ? "TH" : "th";
}

}  // namespace penstock::expression
