// Templates of to_char(): text between fields (PostgreSQL manual: "Data Type Formatting Functions").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::expression {

struct Keyword {
  std::string_view name;
  int field = 0;
};

// A field with what stands around it, or text.
struct PatternNode {
  static constexpr int kText = -1;
  int field = kText;
  std::string text;            // of kText: one character
  std::string_view name = {};  // of a field, as written: its case matters
  bool fill = false;           // FM
  bool translate = false;      // TM
  char ordinal = 0;            // 'T' TH, 't' th
};

// `keywords`: of two that fit the longer one wins. `modifiers`: whether FM, TM, TH and SP stand around
// fields.
std::vector<PatternNode> parse_pattern(std::string_view pattern, std::span<const Keyword> keywords,
                                       bool modifiers);

// "st", "nd", "rd", "th", as the number's last digits ask for.
std::string_view ordinal_of(std::string_view number, bool upper);

}  // namespace penstock::expression
