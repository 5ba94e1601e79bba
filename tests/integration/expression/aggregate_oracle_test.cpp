// Aggregates over random rows, here and in PostgreSQL: the value with its scale, and what orders rows. Sums
// of real and double precision are left out: PostgreSQL's depend on the order of the rows, ours are exact.
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <iostream>
#include <random>

#include "expression/aggregate/accumulator.h"
#include "expression/function.h"
#include "expression/types.h"
#include "integration/expression/argument_pools.h"
#include "integration/expression/oracle.h"
#include "model/number_text.h"
#include "pgtype/decoder.h"

namespace penstock::expression {
namespace {

using Kind = Oracle::Answer::Kind;

constexpr int kCases = 400;

struct Case {
  AggregateShape shape;
  std::string call;                              // of x, in SQL
  std::vector<std::optional<std::string>> rows;  // as PostgreSQL prints them
};

struct Named {
  AggregateKind kind;
  std::string_view name;
};
constexpr Named kAggregates[] = {
    {AggregateKind::kCountRows, "count"},
    {AggregateKind::kCount, "count"},
    {AggregateKind::kSum, "sum"},
    {AggregateKind::kAvg, "avg"},
    {AggregateKind::kMin, "min"},
    {AggregateKind::kMax, "max"},
    {AggregateKind::kBoolAnd, "bool_and"},
    {AggregateKind::kBoolOr, "bool_or"},
    {AggregateKind::kArrayAgg, "array_agg"},
};
constexpr std::uint32_t kTypes[] = {oid::kBool,        oid::kInt2,     oid::kInt4,    oid::kInt8,
                                    oid::kFloat4,      oid::kFloat8,   oid::kNumeric, oid::kText,
                                    oid::kDate,        oid::kTime,     oid::kTimeTz,  oid::kTimestamp,
                                    oid::kTimestampTz, oid::kInterval, oid::kUuid,    oid::kBpchar};

std::string sql_of(std::uint32_t type) {
  return type == oid::kBpchar ? "character(12)" : std::string(sql_name(type));
}

class AggregateOracle : public testing::Test {
 protected:
  Case make_case() {
    Case one;
    while (true) {
      const Named& aggregate = kAggregates[up_to(std::size(kAggregates))];
      const std::uint32_t type = kTypes[up_to(std::size(kTypes))];
      const bool floating = type == oid::kFloat4 || type == oid::kFloat8;
      const bool inexact = aggregate.kind == AggregateKind::kSum || aggregate.kind == AggregateKind::kAvg;
      if (!aggregate_result_type(aggregate.kind, {type, -1}) || (floating && inexact)) continue;
      one.shape.kind = aggregate.kind;
      one.shape.argument = {type, -1};
      one.call = aggregate.name;
      break;
    }
    // Equal values that look different make a distinct aggregate's answer PostgreSQL's choice.
    const bool looks_vary = one.shape.argument.oid == oid::kNumeric ||
                            one.shape.argument.oid == oid::kInterval ||
                            one.shape.argument.oid == oid::kFloat4 || one.shape.argument.oid == oid::kFloat8;
    const bool counts = one.shape.kind == AggregateKind::kCount;
    one.shape.distinct =
        one.shape.kind != AggregateKind::kCountRows && (counts || !looks_vary) && up_to(3) == 0;
    write_call(one);
    const auto& pool = pool_of(one.shape.argument.oid == oid::kBpchar ? oid::kText : one.shape.argument.oid);
    for (std::size_t count = up_to(8); count > 0; --count) {
      if (up_to(5) == 0) {
        one.rows.emplace_back(std::nullopt);
      } else {
        one.rows.emplace_back(pool[up_to(pool.size())]);
      }
    }
    return one;
  }

  // A character(n) arrives with its padding, which a cast to text takes off.
  static std::string printed(const std::string& literal, std::uint32_t type) {
    const std::string value = literal + "::" + sql_of(type);
    return type == oid::kBpchar ? "rpad(" + value + "::text, 12)" : value;
  }

  void make_canonical(std::vector<Case>& cases) {
    std::vector<std::string> expressions;
    for (const Case& one : cases)
      for (const auto& row : one.rows)
        if (row) expressions.push_back(printed(quote_literal(*row), one.shape.argument.oid));
    const auto answers = oracle_.ask(expressions);
    std::size_t at = 0;
    for (Case& one : cases) {
      for (auto& row : one.rows) {
        if (!row) continue;
        ASSERT_EQ(answers[at].kind, Kind::kText) << expressions[at] << ": " << answers[at].text;
        row = answers[at++].text;
        if (one.shape.argument.oid == oid::kBool) row->resize(1);
      }
    }
  }

  static std::string question(const Case& one) {
    const std::string type = sql_of(one.shape.argument.oid);
    std::string values;
    std::size_t number = 0;
    for (const auto& row : one.rows)
      values += (values.empty() ? "(" : ", (") + std::to_string(++number) + ", " +
                (row ? quote_literal(*row) : "null") + "::" + type + ")";
    if (values.empty())
      return "(select " + one.call + " from (select 1 n, null::" + type + " x) v where false)";
    return "(select " + one.call + " from (values " + values + ") v(n, x))";
  }

  Oracle::Answer ours(const Case& one) {
    const auto accumulator = make_accumulator(one.shape);
    const auto decoder = pgtype::decoder_for(one.shape.argument.oid, catalog_);
    char tie = 'a';
    for (const auto& row : one.rows) {
      Value value = Null{};
      if (row) {
        texts_.push_back(*row);
        const auto decoded = (*decoder)->decode(texts_.back(), arena_);
        if (!decoded) return {Kind::kText, "a value was not decoded: " + decoded.error().message};
        value = *decoded;
      }
      const Value order[] = {value};
      const bool ordered = !one.shape.order.empty();
      texts_.push_back(std::string(1, tie++));
      const auto added = accumulator->add(value, std::span(order).first(ordered ? 1 : 0), texts_.back());
      if (!added) return {Kind::kError, added.error().message};
    }
    const auto result = accumulator->result(arena_);
    if (!result) return {Kind::kError, result.error().message};
    if (result->is_null()) return {Kind::kNull, {}};
    if (const bool* truth = result->get<bool>()) return {Kind::kText, *truth ? "true" : "false"};
    std::string text;
    if (const auto* number = result->get<double>();
        number != nullptr && one.shape.argument.oid == oid::kFloat4) {
      append_real(text, *number);
    } else {
      append_text(text, *result);
    }
    // Text of character(n) has no padding.
    if (one.shape.argument.oid == oid::kBpchar && result->get<Text>() != nullptr)
      text.resize(text.find_last_not_of(' ') + 1);
    return {Kind::kText, text};
  }

  std::size_t up_to(std::size_t size) { return random_() % size; }

  void seed(std::uint64_t number) { random_.seed(number); }
  Oracle oracle_;

 private:
  void write_call(Case& one) {
    if (one.shape.kind == AggregateKind::kCountRows) {
      one.call = "count(*)";
      return;
    }
    const bool text = one.shape.argument.oid == oid::kText || one.shape.argument.oid == oid::kBpchar;
    std::string by = text ? R"(x collate "C")" : "x";
    one.call += one.shape.distinct ? "(distinct " + by : "(" + by;
    if (one.shape.kind == AggregateKind::kArrayAgg) {
      const bool descending = up_to(2) == 0;
      const bool nulls_first = up_to(2) == 0;
      one.shape.order = {{descending, nulls_first}};
      one.shape.order_types = {one.shape.argument};
      one.call += " order by " + by + (descending ? " desc" : " asc") +
                  (nulls_first ? " nulls first" : " nulls last");
      if (!one.shape.distinct) one.call += ", n";
    }
    one.call += ")";
  }

  std::mt19937_64 random_;
  pgtype::TypeCatalog catalog_{[](std::uint32_t type) -> Result<pgtype::TypeInfo> {
    return fail(ErrorKind::kConfiguration, "no type " + std::to_string(type));
  }};
  Arena arena_;
  std::deque<std::string> texts_;
};

TEST_F(AggregateOracle, RandomRows) {
  const char* wanted = std::getenv("PENSTOCK_ORACLE_SEED");
  const std::uint64_t number = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 7;
  std::cout << "seed " << number << "\n";
  seed(number);
  std::vector<Case> cases;
  for (int i = 0; i < kCases; ++i) cases.push_back(make_case());
  make_canonical(cases);
  if (HasFatalFailure()) return;
  std::vector<std::string> questions;
  for (const Case& one : cases) questions.push_back(question(one));
  const auto answers = oracle_.ask(questions);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Oracle::Answer own = ours(cases[i]);
    EXPECT_EQ(own, answers[i]) << questions[i] << "\n  here  " << own.text << "\n  there " << answers[i].text;
  }
}

}  // namespace
}  // namespace penstock::expression
