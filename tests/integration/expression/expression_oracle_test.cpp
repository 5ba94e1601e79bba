// Random expressions over random rows give here what they give in PostgreSQL: the value and its type, or an
// error. PENSTOCK_ORACLE_EXPRESSIONS sets how many, PENSTOCK_ORACLE_SEED repeats a run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <iostream>
#include <set>

#include "expression/output.h"
#include "expression/types.h"
#include "integration/expression/argument_pools.h"
#include "integration/expression/oracle.h"
#include "integration/expression/random_expression.h"
#include "pgtype/decoder.h"

namespace penstock::expression {
namespace {

constexpr int kExpressions = 4000;
constexpr int kRows = 12;
constexpr int kSeed = 20240131;
constexpr std::size_t kBatch = 200;
constexpr int kShownDifferences = 20;

using Kind = Oracle::Answer::Kind;

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

struct TypedAnswer {
  Oracle::Answer value;
  std::string type;  // of values and NULLs
};

class ExpressionOracle : public testing::Test {
 protected:
  void SetUp() override {
    // The same expressions each time, unless others are asked for; 0: any.
    const auto chosen = static_cast<unsigned>(setting("PENSTOCK_ORACLE_SEED", kSeed));
    const unsigned seed = chosen != 0 ? chosen : std::random_device{}();
    std::cout << "PENSTOCK_ORACLE_SEED=" << seed << '\n';
    random_.seed(seed);
    make_scope();
    ASSERT_NO_FATAL_FAILURE(make_rows());
  }

  // Two columns of each type: one of edges, one of plain values.
  void make_scope() {
    scope_.level = "t";
    for (const std::uint32_t type :
         {oid::kBool, oid::kInt2, oid::kInt4, oid::kInt8, oid::kFloat4, oid::kFloat8, oid::kNumeric,
          oid::kText, oid::kVarchar, oid::kBpchar, oid::kDate, oid::kTimestamp, oid::kTimestampTz,
          oid::kInterval, oid::kTime, oid::kUuid, oid::kInt4Array, oid::kTextArray}) {
      std::string name(is_array(type) ? std::string(find_type(element_of(type))->internal) + "s"
                                      : std::string(find_type(type)->internal));
      scope_.columns.push_back({"c_" + name, Type{type}});
      scope_.columns.push_back({"p_" + name, Type{type}});
    }
  }

  std::string value_for(const Scope::Column& column) {
    const std::uint32_t type = column.type.oid;
    const bool is_text = type == oid::kVarchar || type == oid::kBpchar;
    std::vector<std::string> pool = pool_of(is_text ? std::uint32_t{oid::kText} : type);
    const bool plain = column.name[0] == 'p';
    const bool is_number = category_of(type) == 'N';
    if (plain && is_number) pool = {"0", "1", "2", "3", "-1", "-7", "10", "12"};
    if (type == oid::kNumeric && plain) pool = {"0", "1.50", "-2.25", "100", "0.005", "9.99", "12345.6789"};
    if (type == oid::kUuid)
      pool = {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"};
    std::erase_if(pool, is_far_off);
    if (up_to(6) == 0 || pool.empty()) return "null::" + to_string(column.type);
    return quote_literal(pool[up_to(pool.size())]) + "::" + to_string(column.type);
  }

  // Rows of a temporary table, and what the source would decode of them.
  void make_rows() {
    std::string rows;
    for (int row = 0; row < kRows; ++row) {
      rows += (row == 0 ? "select " : " union all select ") + std::to_string(row) + " as row_number";
      for (const Scope::Column& column : scope_.columns)
        rows += ", " + value_for(column) + " as " + column.name;
    }
    oracle_.run("create temp table t as " + rows);
    values_.resize(kRows);
    for (int row = 0; row < kRows; ++row) {
      for (const Scope::Column& column : scope_.columns) {
        ASSERT_NO_FATAL_FAILURE(values_[static_cast<std::size_t>(row)].push_back(read(row, column)));
      }
    }
  }

  Value read(int row, const Scope::Column& column) {
    // concat() prints as the type's output function does.
    const auto text =
        oracle_.ask({"(select case when " + column.name + " is not null then concat(" + column.name +
                     ") end from t where row_number = " + std::to_string(row) + ")"})[0];
    EXPECT_NE(text.kind, Kind::kError) << text.text;
    if (text.kind != Kind::kText) return Null{};
    texts_.push_back(text.text);
    const auto decoder = pgtype::decoder_for(column.type.oid, catalog_);
    const auto value = (*decoder)->decode(texts_.back(), arena_);
    EXPECT_TRUE(value) << column.name << " " << texts_.back();
    return value ? *value : Value(Null{});
  }

  std::size_t up_to(std::size_t size) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random_);
  }

  struct Case {
    std::string expression;
    int row = 0;
  };

  std::vector<TypedAnswer> theirs(const std::vector<Case>& cases) {
    std::vector<std::string> questions;
    for (const Case& one : cases) {
      const std::string from = " from t where row_number = " + std::to_string(one.row) + ")";
      questions.push_back("(select case when (" + one.expression + ") is null then null else concat(" +
                          one.expression + ") end" + from);
      questions.push_back("(select pg_typeof(" + one.expression + ")" + from);
    }
    const auto answers = oracle_.ask(questions);
    std::vector<TypedAnswer> typed;
    for (std::size_t i = 0; i < cases.size(); ++i) typed.push_back({answers[2 * i], answers[2 * i + 1].text});
    return typed;
  }

  // An exception would be a defect: it is told with its expression.
  Result<Value> evaluate(const Expression& expression, const Row& row) {
    try {
      return expression.evaluate(row, arena_);
    } catch (const std::exception& exception) {
      return Value(Text{arena_.copy(std::string("exception ") + exception.what())});
    }
  }

  TypedAnswer ours(const Case& one) {
    const auto expression = Expression::compile(Source{one.expression, "oracle", 1, 1}, scope_);
    if (!expression) return {{Kind::kError, expression.error().message}, {}};
    const Row row{values_[static_cast<std::size_t>(one.row)].data(), nullptr, nullptr};
    const auto value = evaluate(*expression, row);
    if (!value) return {{Kind::kError, value.error().message}, {}};
    const std::string type = to_string(Type{expression->type().oid});
    if (value->is_null()) return {{Kind::kNull, {}}, type};
    std::string text;
    append_output(text, *value, expression->type().oid);
    return {{Kind::kText, text}, type};
  }

  static std::string shown(const TypedAnswer& answer) {
    if (answer.value.kind == Kind::kError) return "ERROR " + answer.value.text;
    return (answer.value.kind == Kind::kNull ? "NULL" : "[" + answer.value.text + "]") + " " + answer.type;
  }

  static bool same(const TypedAnswer& own, const TypedAnswer& postgres) {
    if (!(own.value == postgres.value)) return false;
    return own.value.kind == Kind::kError || own.type == postgres.type;
  }

  Oracle oracle_;
  std::mt19937 random_;
  Scope scope_;
  std::vector<std::vector<Value>> values_;
  pgtype::TypeCatalog catalog_{[](std::uint32_t type) -> Result<pgtype::TypeInfo> {
    return fail(ErrorKind::kConfiguration, "no type " + std::to_string(type));
  }};
  Arena arena_;
  std::deque<std::string> texts_;
};

TEST_F(ExpressionOracle, GivesWhatPostgresGives) {
  RandomExpression expressions(scope_.columns, random_);
  const int count = setting("PENSTOCK_ORACLE_EXPRESSIONS", kExpressions);
  int different = 0;
  int with_value = 0;
  for (int done = 0; done < count; done += static_cast<int>(kBatch)) {
    std::vector<Case> cases;
    while (cases.size() < kBatch) {
      const int depth = 1 + static_cast<int>(up_to(3));
      cases.push_back({expressions.make(expressions.any_type(), depth), static_cast<int>(up_to(kRows))});
    }
    const auto answers = theirs(cases);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const TypedAnswer own = ours(cases[i]);
      if (answers[i].value.kind != Kind::kError) ++with_value;
      if (same(own, answers[i]) || ++different > kShownDifferences) continue;
      ADD_FAILURE() << "select " << cases[i].expression << " from t where row_number = " << cases[i].row
                    << ";\n  PostgreSQL " << shown(answers[i]) << "\n  ours       " << shown(own);
    }
  }
  EXPECT_EQ(different, 0) << "of " << count;
  // Errors are answers too, but not the only ones.
  EXPECT_GT(with_value, count / 4);
}

}  // namespace
}  // namespace penstock::expression
