// Every function of the table, called with many edges and compared with PostgreSQL: the value, or that there
// is an error. PENSTOCK_ORACLE_CASES sets how many calls each function gets, PENSTOCK_ORACLE_SEED repeats a
// run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <random>

#include "expression/function.h"
#include "integration/expression/argument_pools.h"
#include "integration/expression/oracle.h"
#include "model/number_text.h"
#include "pgtype/decoder.h"

namespace penstock::expression {
namespace {

constexpr int kCases = 40;
constexpr int kShownDifferences = 6;

using Kind = Oracle::Answer::Kind;

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

// One call: its arguments' types and texts.
struct Case {
  std::vector<std::uint32_t> types;
  std::vector<std::string> texts;
};

bool is_operator(std::string_view name) {
  return name.find_first_not_of("+-*/<>=~!@#%^&|`?") == std::string_view::npos;
}

std::string sql_of(const Function& function, const Case& call) {
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < call.types.size(); ++i)
    arguments.push_back(quote_literal(call.texts[i]) + "::" + std::string(sql_name(call.types[i])));
  if (function.name == "::") return arguments[0] + "::" + std::string(sql_name(function.result));
  if (is_operator(function.name)) {
    const std::string name = " operator(pg_catalog." + std::string(function.name) + ") ";
    return arguments.size() == 1 ? name + arguments[0] : arguments[0] + name + arguments[1];
  }
  std::string out = "pg_catalog." + std::string(function.name) + "(";
  for (std::size_t i = 0; i < arguments.size(); ++i) out += (i == 0 ? "" : ", ") + arguments[i];
  return out + ")";
}

class FunctionOracle : public testing::Test {
 protected:
  void expect_as_postgres(const std::vector<Function>& family) {
    for (const Function& function : family) compare(function);
  }

 private:
  std::size_t up_to(std::size_t size) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random_);
  }
  const std::string& any_of(const std::vector<std::string>& pool) { return pool[up_to(pool.size())]; }

  std::uint32_t concrete(std::uint32_t type, std::uint32_t element) const {
    if (type == oid::kAnyArray) return element == oid::kInt4 ? oid::kInt4Array : oid::kTextArray;
    return type == oid::kAnyElement ? element : type;
  }

  static std::string_view format_pool(std::uint32_t type) {
    const bool moment = type == oid::kTimestamp || type == oid::kTimestampTz;
    return moment ? "to_char moment" : type == oid::kInterval ? "to_char interval" : "to_char number";
  }

  // The template of to_char() goes by what it prints, a cast from text by its target.
  static std::string pool_name(const Function& function) {
    if (function.name == "to_char") return std::string(format_pool(function.arguments[0]));
    if (function.name.find('~') != std::string_view::npos) return "~";
    if (function.name == "substring" && function.arguments[1] == oid::kText) return "~";
    if (function.name == "::") return "::" + std::string(sql_name(function.result));
    return std::string(function.name);
  }

  Case make_case(const Function& function) {
    const bool arrays = std::find(function.arguments.begin(), function.arguments.end(), oid::kAnyArray) !=
                        function.arguments.end();
    static constexpr std::uint32_t kElements[] = {oid::kInt4,     oid::kText,  oid::kBool,
                                                  oid::kNumeric,  oid::kDate,  oid::kTimestampTz,
                                                  oid::kInterval, oid::kFloat8};
    std::vector<std::uint32_t> declared = function.arguments;
    for (std::size_t more = function.variadic ? up_to(3) : 0; more > 0; --more)
      declared.push_back(declared.back());
    const std::uint32_t element = kElements[up_to(2)];
    Case call;
    for (std::size_t i = 0; i < declared.size(); ++i) {
      const std::uint32_t one = arrays ? element : kElements[up_to(std::size(kElements))];
      call.types.push_back(concrete(declared[i], one));
      const auto& special = pool_of(pool_name(function), i);
      const bool numbers = std::all_of(special.begin(), special.end(), [](const std::string& text) {
        return !text.empty() && text.find_first_not_of("-0123456789") == std::string::npos;
      });
      const bool of_type = declared[i] == oid::kText || (declared[i] == oid::kInt4 && numbers);
      // Other numbers make texts of gigabytes.
      const bool use_special = !special.empty() && of_type && (declared[i] == oid::kInt4 || up_to(8) != 0);
      call.texts.push_back(any_of(use_special ? special : pool_of(call.types.back())));
    }
    return call;
  }

  // Texts as PostgreSQL prints them are what functions get.
  void make_canonical(std::vector<Case>& cases) {
    std::vector<std::string> expressions;
    for (const Case& call : cases) {
      for (std::size_t i = 0; i < call.types.size(); ++i)
        expressions.push_back(quote_literal(call.texts[i]) + "::" + std::string(sql_name(call.types[i])));
    }
    const auto answers = oracle_.ask(expressions);
    std::size_t at = 0;
    for (Case& call : cases) {
      for (std::size_t i = 0; i < call.types.size(); ++i, ++at) {
        ASSERT_EQ(answers[at].kind, Kind::kText) << expressions[at] << ": " << answers[at].text;
        call.texts[i] = answers[at].text;
        if (call.types[i] == oid::kBool) call.texts[i].resize(1);
      }
    }
  }

  Oracle::Answer ours(const Function& function, const Case& call) {
    std::vector<Value> arguments;
    for (std::size_t i = 0; i < call.types.size(); ++i) {
      const auto decoder = pgtype::decoder_for(call.types[i], catalog_);
      texts_.push_back(call.texts[i]);
      const auto value = (*decoder)->decode(texts_.back(), arena_);
      if (!value) return {Kind::kText, "an argument was not decoded: " + value.error().message};
      arguments.push_back(*value);
    }
    const auto result = function.call(Call{arguments, arena_});
    if (!result) return {Kind::kError, result.error().message};
    if (result->is_null()) return {Kind::kNull, {}};
    if (const bool* truth = result->get<bool>()) return {Kind::kText, *truth ? "true" : "false"};
    if (function.result != oid::kFloat4) return {Kind::kText, to_text(*result)};
    std::string real;
    append_real(real, std::get<double>(result->v));
    return {Kind::kText, real};
  }

  // PostgreSQL 15 computes on where these overflow, and gives intervals that mean nothing; it knows other
  // encodings, and takes an interval's counts for a date where a template asks for one.
  static bool refused_on_purpose(const Function& function, const Oracle::Answer& own) {
    const bool overflow = own.text == "interval out of range" || own.text == "timestamp out of range";
    const bool listed = function.name == "-" || function.name == "age" || function.name == "make_interval" ||
                        function.name == "timezone";
    const bool encoding =
        function.name.starts_with("convert_") && own.text.find("knows only UTF8") != std::string::npos;
    const bool meaningless = own.text.find("has no meaning for an interval") != std::string::npos;
    return own.kind == Kind::kError && ((overflow && listed) || encoding || meaningless);
  }

  static std::string shown(const Oracle::Answer& answer) {
    if (answer.kind == Kind::kNull) return "NULL";
    return answer.kind == Kind::kError ? "ERROR " + answer.text : "[" + answer.text + "]";
  }

  void compare(const Function& function) {
    const int count = setting("PENSTOCK_ORACLE_CASES", kCases);
    std::vector<Case> cases;
    for (int i = 0; i < count; ++i) cases.push_back(make_case(function));
    ASSERT_NO_FATAL_FAILURE(make_canonical(cases));
    std::vector<std::string> expressions;
    for (const Case& call : cases) expressions.push_back(sql_of(function, call));
    const auto answers = oracle_.ask(expressions);
    int different = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Oracle::Answer own = ours(function, cases[i]);
      if (own == answers[i] || refused_on_purpose(function, own) || ++different > kShownDifferences) continue;
      ADD_FAILURE() << "select " << expressions[i] << ";\n  PostgreSQL " << shown(answers[i])
                    << "\n  ours       " << shown(own);
    }
    if (different > kShownDifferences) ADD_FAILURE() << function.name << ": " << different << " of " << count;
  }

  static unsigned seed() {
    static const unsigned kSeed = [] {
      const auto chosen = static_cast<unsigned>(setting("PENSTOCK_ORACLE_SEED", 0));
      const unsigned made = chosen != 0 ? chosen : std::random_device{}();
      std::cout << "PENSTOCK_ORACLE_SEED=" << made << '\n';
      return made;
    }();
    return kSeed;
  }

  Oracle oracle_;
  std::mt19937 random_{seed()};
  pgtype::TypeCatalog catalog_{[](std::uint32_t type) -> Result<pgtype::TypeInfo> {
    return fail(ErrorKind::kConfiguration, "no type " + std::to_string(type));
  }};
  Arena arena_;
  std::deque<std::string> texts_;
};

TEST_F(FunctionOracle, Text) { expect_as_postgres(text_functions()); }
TEST_F(FunctionOracle, Hash) { expect_as_postgres(hash_functions()); }
TEST_F(FunctionOracle, Pattern) { expect_as_postgres(pattern_functions()); }
TEST_F(FunctionOracle, Json) { expect_as_postgres(json_functions()); }
TEST_F(FunctionOracle, Array) { expect_as_postgres(array_functions()); }
TEST_F(FunctionOracle, Format) { expect_as_postgres(format_functions()); }
TEST_F(FunctionOracle, Datetime) { expect_as_postgres(datetime_functions()); }

}  // namespace
}  // namespace penstock::expression
