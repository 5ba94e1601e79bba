// A summary of sales, kept beside a recomputation from scratch: random inserts, updates, moves between
// groups, deletes and truncates, with the state closed and opened again between.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <random>

#include "expression/function.h"
#include "projection/state/key_code.h"
#include "projection/state/state_store.h"
#include "projection/summary/stored_summary.h"

namespace penstock::summary_test {

using expression::Row;
using expression::Scope;
namespace oid = expression::oid;

// sales (id, category, quantity, price, weight, rate, note, sold, ok) with one product (kind).
struct SalesScope {
  SalesScope() {
    product.level = "sales.product";
    product.columns = {{"kind", {oid::kText, -1}}};
    product.parent = &root;
    root.level = "sales";
    root.columns = {
        {"id", {oid::kInt4, -1}},       {"category", {oid::kText, -1}}, {"quantity", {oid::kInt4, -1}},
        {"price", {oid::kNumeric, -1}}, {"weight", {oid::kFloat8, -1}}, {"rate", {oid::kFloat4, -1}},
        {"note", {oid::kText, -1}},     {"sold", {oid::kInt8, -1}},     {"ok", {oid::kBool, -1}}};
    root.embeds = {{"product", false, &product}};
  }
  Scope root;
  Scope product;
};

FieldSpec sql_field(const std::string& name, const std::string& sql) {
  FieldSpec field;
  field.name = name;
  field.sql = {sql, 1, 1};
  return field;
}
FieldSpec column_field(const std::string& name) {
  FieldSpec field;
  field.name = name;
  field.column = name;
  return field;
}

CollectionSpec sales_spec(std::vector<FieldSpec> keys) {
  CollectionSpec spec;
  spec.name = "totals";
  spec.from = {"shop", "sales"};
  spec.all_columns = false;
  spec.group_by = std::move(keys);
  FieldSpec stats;
  stats.name = "stats";
  stats.fields = {sql_field("mean", "round(avg(price), 2)"), sql_field("spread", "max(price) - min(price)")};
  spec.fields = {sql_field("rows", "count(*)"),
                 sql_field("n", "count(quantity)"),
                 sql_field("total", "sum(quantity)"),
                 sql_field("revenue", "sum(quantity * price)"),
                 sql_field("many", "count(*) filter (where quantity > 3)"),
                 sql_field("weight", "sum(weight)"),
                 sql_field("mean_weight", "avg(weight)"),
                 sql_field("rate", "sum(rate)"),
                 sql_field("mean_quantity", "avg(quantity)"),
                 sql_field("latest", "max(sold)"),
                 sql_field("first_note", "first_value(note order by sold desc nulls last, price)"),
                 sql_field("last_note", "last_value(note order by sold)"),
                 sql_field("notes", "array_agg(note order by note desc)"),
                 sql_field("some_notes", "array_agg(distinct note) filter (where ok)"),
                 sql_field("prices", "count(distinct price)"),
                 sql_field("distinct_sum", "sum(distinct price)"),
                 sql_field("all_ok", "bool_and(ok)"),
                 sql_field("any_ok", "bool_or(ok)"),
                 stats};
  return spec;
}

std::string shown(const Value& value) {
  if (value.is_null()) return "NULL";
  if (const auto* inner = value.get<Struct>()) {
    std::string text = "{";
    for (std::uint32_t i = 0; i < inner->size; ++i) text += shown(inner->fields[i].value) + ";";
    return text + "}";
  }
  return std::string(kind_name(value)) + " " + to_text(value);
}

struct Sale {
  std::vector<Value> columns;
  Value kind;
};

// Random rows with few distinct values, edges among them. Texts are literals: they live for ever.
class Sales {
 public:
  explicit Sales(std::uint64_t seed) : random(seed) {}

  Sale make(int id) {
    static constexpr double kInfinity = std::numeric_limits<double>::infinity();
    static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    Sale sale;
    sale.columns = {
        Value(id),
        any({Null{}, Text{"a"}, Text{"b"}, Text{""}, Text{"c"}}),
        any({Null{}, 1, 2, 3, 7, -5, 2147483647}),
        any({Null{}, Decimal{"1.0"}, Decimal{"1.00"}, Decimal{"-2.5"}, Decimal{"0"}, Decimal{"0.333"},
             Decimal{"99999999999999999999999999.99"}, rare(Decimal{"NaN"}), rare(Decimal{"Infinity"}),
             rare(Decimal{"-Infinity"})}),
        any({Null{}, 0.1, 1e100, -1e100, -0.0, 5e-324, 3.0, rare(kNaN), rare(kInfinity), rare(-kInfinity)}),
        any({Null{}, 0.1, 0.2, 16777216.0, 1e-30}),
        any({Null{}, Text{"x"}, Text{"y"}, Text{"z z"}, Text{"\"q\""}}),
        any({Null{}, std::int64_t{1}, std::int64_t{2}, std::int64_t{-9}}),
        any({Null{}, true, false})};
    sale.kind = any({Text{"tool"}, Text{"food"}, Null{}});
    return sale;
  }

  std::mt19937_64 random;

 private:
  Value any(std::initializer_list<Value> choices) { return *(choices.begin() + random() % choices.size()); }
  Value rare(Value value) { return random() % 6 == 0 ? value : Value(Null{}); }
};

struct BoundRow {
  explicit BoundRow(const Sale& sale) {
    inner.columns = &sale.kind;
    inner.parent = &row;
    children = {&inner_row, sale.kind.is_null() ? 0U : 1U};
    row.columns = sale.columns.data();
    row.embeds = &children;
  }
  BoundRow(const BoundRow&) = delete;
  BoundRow& operator=(const BoundRow&) = delete;
  Row row;
  Row inner;
  const Row* inner_row = &inner;
  Row::Children children;
};

using Documents = std::map<std::string, std::vector<std::string>>;  // by canonical _id

std::string row_key(int id) {
  std::string key;
  append_integer_key(key, id);
  return key;
}

// By accumulators that go forward only, over the rows as they are.
Documents recompute(const SummaryDefinition& definition, const std::map<int, Sale>& sales) {
  struct Group {
    std::vector<Value> keys;
    std::vector<std::unique_ptr<expression::Accumulator>> accumulators;
  };
  Arena arena;
  std::map<std::string, Group> groups;
  std::vector<std::unique_ptr<BoundRow>> rows;
  for (const auto& [id, sale] : sales) {
    const Row& row = rows.emplace_back(std::make_unique<BoundRow>(sale))->row;
    std::vector<Value> keys;
    for (const auto& key : definition.keys) keys.push_back(*key.evaluate(row, arena));
    Group& group = groups[group_bytes(definition, keys)];
    if (group.accumulators.empty())
      for (const auto& call : definition.calls) group.accumulators.push_back(make_accumulator(*call.call));
    group.keys = keys;
    for (std::size_t i = 0; i < definition.calls.size(); ++i) {
      const expression::AggregateCall& call = *definition.calls[i].call;
      if (call.filter && !*call.filter->holds(row, arena)) continue;
      std::vector<Value> order;
      for (const auto& by : call.order) order.push_back(*by.by.evaluate(row, arena));
      const Value argument = call.argument ? *call.argument->evaluate(row, arena) : Value(Null{});
      EXPECT_TRUE(group.accumulators[i]->add(argument, order, arena.copy(row_key(id))));
    }
  }
  Documents documents;
  for (const auto& [name, group] : groups) {
    std::vector<Value> results;
    for (const auto& accumulator : group.accumulators) results.push_back(*accumulator->result(arena));
    std::vector<std::string> values;
    for (std::size_t i = 0; i < definition.expressions.size(); ++i) {
      const auto& grouped = definition.expressions[i];
      const std::span<const Value> own(results.data() + definition.first_call[i], grouped.calls().size());
      values.push_back(shown(*grouped.evaluate(group.keys, own, arena)));
    }
    documents[name] = values;
  }
  return documents;
}

// What a sink would hold; it also tells writes that do not fit what is there.
class Sink {
 public:
  explicit Sink(const SummaryDefinition& definition) : definition_(definition) {}

  void apply(const WriteGroup& group) {
    EXPECT_TRUE(group.rejected.empty());
    for (const DocumentWrite& write : group.writes) apply(write);
  }
  Documents documents;
  std::size_t writes = 0;
  bool building = false;  // a document may go before the build came to it

 private:
  void apply(const DocumentWrite& write) {
    ++writes;
    if (write.kind == WriteKind::kClear) return documents.clear();
    const std::string id =
        group_bytes(definition_, std::vector<Value>(write.id, write.id + definition_.keys.size()));
    if (write.kind == WriteKind::kDelete) {
      const bool there = documents.erase(id) > 0;
      EXPECT_TRUE(there || building) << "a document that is not there was deleted";
      return;
    }
    EXPECT_FALSE(write.kind == WriteKind::kInsert && documents.contains(id)) << "inserted twice";
    std::vector<std::string> values;
    for (std::size_t i = 0; i < definition_.fields.size(); ++i) flatten(write.fields[i], values);
    documents[id] = values;
  }
  static void flatten(const Value& value, std::vector<std::string>& to) {
    const auto* inner = value.get<Struct>();
    if (inner == nullptr) return to.push_back(shown(value));
    for (std::uint32_t i = 0; i < inner->size; ++i) flatten(inner->fields[i].value, to);
  }
  const SummaryDefinition& definition_;
};

class SummaryTest : public testing::Test {
 protected:
  ~SummaryTest() override {
    summary_.reset();
    store_.reset();
    remove_database(path_);
  }

  void use(const CollectionSpec& spec) {
    Result<SummaryDefinition> made = compile_summary(spec, scope_.root, "shop.yaml");
    ASSERT_TRUE(made) << made.error().text();
    definition_ = std::make_unique<SummaryDefinition>(std::move(*made));
    spec_ = spec;
    sink_ = std::make_unique<Sink>(*definition_);
    remove_database(path_);
    open(true);
  }

  void open(bool anew) {
    summary_.reset();
    store_.reset();
    Result<std::unique_ptr<StateStore>> store = StateStore::open({.path = path_});
    ASSERT_TRUE(store) << store.error().text();
    store_ = std::move(*store);
    auto made = make_summary_factory()->make(spec_, scope_.root, "shop.yaml");
    ASSERT_TRUE(made) << made.error().text();
    summary_ = std::move(*made);
    shape_ = summary_->shape();
    const Status attached = summary_->attach(*store_, anew);
    ASSERT_TRUE(attached) << attached.error().text();
  }

  void put(int id, const Sale& sale) {
    sales_.insert_or_assign(id, sale);
    const BoundRow bound(sale);
    const Status status = summary_->change(row_key(id), &bound.row, cause());
    ASSERT_TRUE(status) << status.error().text();
  }
  void remove(int id) {
    sales_.erase(id);
    ASSERT_TRUE(summary_->change(row_key(id), nullptr, cause()));
  }
  Cause cause() { return {{Lsn{++lsn_}, 1, Lsn{}}, 1704067200000000}; }

  void write() {
    WriteGroup group;
    SummaryWriter writer{group, shape_};
    const Status status = summary_->write(writer);
    ASSERT_TRUE(status) << status.error().text();
    EXPECT_EQ(summary_->documents_due(), 0U);
    sink_->apply(group);
  }
  // One step of a build; true: there is more.
  bool build(std::string& cursor, std::size_t documents) {
    WriteGroup group;
    SummaryWriter writer{group, shape_};
    const Result<bool> more = summary_->write_all(cursor, documents, writer);
    EXPECT_TRUE(more) << more.error().text();
    EXPECT_LE(group.writes.size(), documents);
    sink_->apply(group);
    return more && *more;
  }
  void build_whole() {
    std::string cursor;
    while (build(cursor, 1000)) continue;
  }

  void random_change() {
    const int id = static_cast<int>(source_.random() % 60);
    if (source_.random() % 3 == 0) return remove(id);
    put(id, source_.make(id));
  }
  void random_round() {
    const std::size_t count = 1 + source_.random() % 12;
    for (std::size_t i = 0; i < count; ++i) random_change();
    if (source_.random() % 40 == 0) {
      sales_.clear();
      ASSERT_TRUE(summary_->clear(cause()));
      for (int i = 0; i < 3; ++i) random_change();
    }
    write();
  }
  void expect_equal() { ASSERT_EQ(sink_->documents, recompute(*definition_, sales_)); }

  void run(std::vector<FieldSpec> keys, std::uint64_t seed) {
    use(sales_spec(std::move(keys)));
    if (HasFatalFailure()) return;
    // PENSTOCK_TEST_SEED: other histories than those that every run tries.
    if (const char* other = std::getenv("PENSTOCK_TEST_SEED")) seed += std::strtoull(other, nullptr, 10);
    source_.random.seed(seed);
    build_whole();
    for (int round = 0; round < 150 && !HasFailure(); ++round) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
      random_round();
      expect_equal();
      if (round % 25 != 24) continue;
      ASSERT_TRUE(store_->save({Lsn{lsn_}, 1, Lsn{}}));
      open(false);
    }
  }

  SalesScope scope_;
  CollectionSpec spec_;
  std::unique_ptr<SummaryDefinition> definition_;
  const std::string path_ = testing::TempDir() + "penstock_summary_" +
                            testing::UnitTest::GetInstance()->current_test_info()->name() + ".db";
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<Summary> summary_;
  DocumentShape shape_;
  std::unique_ptr<Sink> sink_;
  Sales source_{1};
  std::map<int, Sale> sales_;
  std::uint64_t lsn_ = 0;
};

}  // namespace penstock::summary_test
