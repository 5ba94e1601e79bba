#include "expression/function_markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "expression/function.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

constexpr const char* kIntroduction = R"(# Expressions

<!-- Generated from the function table in src/expression: PENSTOCK_WRITE_DOCS=1 expression_test
     --gtest_filter='FunctionMarkdown.*' -->

Expressions are written in PostgreSQL's own syntax and mean what they mean there: the same value, the same type, the
same error. They are typed when the pipeline file is read; what has no value of its own at a row (`now()`, `random()`,
subqueries, window functions) is refused with its line and column. Every example below is a test.

- Sessions are taken to be as Penstock's are: `TimeZone` UTC, `DateStyle` ISO (MDY where a text leaves it open),
  `IntervalStyle` postgres, a UTF-8 database. Text compares by code points (`COLLATE "C"`), case follows Unicode.
- Regular expressions are PostgreSQL's advanced ones, with its choice of the longest match. Back references (`\1` in a
  pattern) and named collating elements are refused; so are patterns of more than 200,000 steps.
- Time zones come from the system's tz database (package tzdata). Abbreviations are those of PostgreSQL's default list
  whose offset never changed.
- `to_char` writes English names and the signs of the C locale; of intervals it refuses fields that only a date has.
- Where PostgreSQL 15 computes on with a count that has overflowed (differences of moments further apart than 292,277
  years, `make_interval` of millions of years), the result is an error.
- `convert_to` and `convert_from` know UTF8 only. json is read up to 1024 levels deep.

)";

struct Family {
  const char* title;
  const char* about;
  std::vector<Function> (*functions)();
};
constexpr Family kFamilies[] = {
    {"Comparison", "`=` `<>` `<` `<=` `>` `>=` of every type that PostgreSQL orders, and patterns of `like`.",
     comparison_functions},
    {"Whole numbers", "", integer_functions},
    {"Floating point", "", float_functions},
    {"numeric", "Exact, with PostgreSQL's scale and rounding.", numeric_functions},
    {"Casts between numbers, text and boolean", "", cast_functions},
    {"Text", "", text_functions},
    {"Regular expressions", "", pattern_functions},
    {"Hashes", "", hash_functions},
    {"Dates and times", "", datetime_functions},
    {"Formatting", "All template patterns of the manual.", format_functions},
    {"json", "", json_functions},
    {"Arrays", "", array_functions},
};

std::string type_text(std::uint32_t type) {
  if (type == oid::kAnyElement) return "any";
  if (type == oid::kAnyArray) return "any array";
  const TypeFacts* facts = find_type(type);
  return std::string(facts == nullptr ? "?" : facts->name);
}

bool is_operator(std::string_view name) {
  return name != "::" && name.find_first_not_of("+-*/<>=~!@#%^&|`?") == std::string_view::npos;
}

// "lpad(text, integer)", "date + integer", "date::timestamp without time zone".
std::string signature(const Function& function) {
  const auto type = [&function](std::size_t index) { return type_text(function.arguments[index]); };
  if (function.name == "::") return fmt::format("{}::{}", type(0), type_text(function.result));
  if (is_operator(function.name)) {
    return function.arguments.size() == 1 ? fmt::format("{} {}", function.name, type(0))
                                          : fmt::format("{} {} {}", type(0), function.name, type(1));
  }
  std::string text = fmt::format("{}(", function.name);
  for (std::size_t i = 0; i < function.arguments.size(); ++i) text += (i == 0 ? "" : ", ") + type(i);
  return text + (function.variadic ? ", …)" : ")");
}

// A bar would end the cell, also inside backticks.
std::string cell(std::string_view code) {
  std::string text;
  for (const char c : code) {
    if (c == '|') text += '\\';
    text += c;
  }
  return code.empty() ? "" : "`" + text + "`";
}

// Functions of one name without an example of their own stand in one row.
struct TableRow {
  std::string signatures;
  std::string result;
  std::string example;
};
std::vector<TableRow> rows_of(const std::vector<Function>& functions) {
  std::vector<TableRow> rows;
  std::map<std::string, std::size_t> of_name;
  for (const Function& function : functions) {
    const std::string name(function.name);
    const auto known = of_name.find(name);
    if (function.example.empty() && known != of_name.end()) {
      TableRow& row = rows[known->second];
      row.signatures += ", " + cell(signature(function));
      const std::string result = type_text(function.result);
      if (row.result.find(result) == std::string::npos) row.result += ", " + result;
      continue;
    }
    of_name[name] = rows.size();
    rows.push_back({cell(signature(function)), type_text(function.result), cell(function.example)});
  }
  return rows;
}

}  // namespace

std::string function_markdown() {
  std::string out = kIntroduction;
  for (const Family& family : kFamilies) {
    out += fmt::format("## {}\n\n", family.title);
    if (*family.about != '\0') out += fmt::format("{}\n\n", family.about);
    out += "| | gives | for example |\n|---|---|---|\n";
    for (const TableRow& row : rows_of(family.functions()))
      out += fmt::format("| {} | {} | {} |\n", row.signatures, row.result, row.example);
    out += '\n';
  }
  out.pop_back();
  return out;
}

}  // namespace penstock::expression
