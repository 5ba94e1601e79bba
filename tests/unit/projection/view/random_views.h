// Random tables, definitions and transactions, from a seed.
#pragma once

#include <random>
#include <set>
#include <string>
#include <vector>

#include "unit/projection/view/naive.h"
#include "unit/projection/view/world.h"

namespace penstock::test {

// Four tables of whole numbers, small ones, so that joins meet: (tenant,) id, a, b, n, t.
class RandomViews {
 public:
  explicit RandomViews(std::uint64_t seed) : random_(seed), world(schemas()) {
    for (int i = 0; i < 30; ++i) place();
  }

 private:
  std::mt19937_64 random_;

 public:
  World world;
  std::map<std::string, NaiveExpression> expressions;

  std::size_t below(std::size_t count) { return random_() % count; }
  bool once_in(std::size_t times) { return below(times) == 0; }

  CollectionSpec collection(const std::string& name) {
    CollectionSpec spec;
    spec.name = name;
    spec.from = any_table();
    embeds_ = 0;
    spec.embeds = some_embeds(1, false);
    if (once_in(3)) spec.where = {condition(), 1, 1};
    add_fields(spec.all_columns, spec.fields, spec.embeds, true);
    return spec;
  }

  // One to five changes, and their COMMIT.
  EventBatchPtr transaction() {
    for (std::size_t i = below(5) + 1; i > 0; --i) change();
    return world.commit();
  }

 private:
  static std::vector<std::shared_ptr<TableSchema>> schemas() {
    std::vector<std::shared_ptr<TableSchema>> all;
    for (int i = 0; i < 4; ++i) {
      std::vector<ColumnSpec> columns;
      if (i % 2 == 1) columns.push_back({"tenant"});
      columns.push_back({"id", i == 2 ? 20U : 23U, i == 2 ? "bigint" : "integer"});
      for (const char* name : {"a", "b", "n"}) columns.push_back({name});
      columns.push_back({"t", 25, "text"});
      all.push_back(
          table_schema("t" + std::to_string(i), columns,
                       i % 2 == 1 ? std::vector<std::uint16_t>{0, 1} : std::vector<std::uint16_t>{0}));
    }
    return all;
  }
  static bool has_tenant(const TableName& table) { return table.name == "t1" || table.name == "t3"; }

  std::string any_name() { return "t" + std::to_string(below(4)); }
  TableName any_table() { return {"public", any_name()}; }
  std::string any_column() { return std::vector<std::string>{"id", "id", "a", "b"}[below(4)]; }

  Value number(const Column& column, std::size_t most, bool nullable) {
    if (nullable && once_in(6)) return Null{};
    const int value = static_cast<int>(below(most)) + 1;
    return column.type_oid == 20 ? Value(std::int64_t{value}) : Value(std::int32_t{value});
  }
  ::penstock::test::Row row(const Table& table) {
    ::penstock::test::Row values;
    for (const Column& column : table.schema->columns) {
      if (column.name == "t") {
        values.push_back(text_value("text " + std::to_string(below(4))));
      } else if (column.name == "tenant") {
        values.push_back(number(column, 2, false));
      } else if (column.name == "n") {
        values.push_back(number(column, 3, true));
      } else {
        values.push_back(number(column, 6, column.name != "id"));
      }
    }
    return values;
  }
  void place() {
    Table& table = world.table(any_name());
    world.place(table.schema->table.name, row(table));
  }

  std::vector<EmbedSpec> some_embeds(int level, bool must) {
    std::vector<EmbedSpec> embeds;
    const std::size_t count = must || level == 1 ? 1 + below(2) : below(2);
    for (std::size_t i = 0; i < count && level <= 3; ++i) embeds.push_back(embed(level));
    return embeds;
  }

  EmbedSpec::Pair pair() { return {any_column(), any_column()}; }

  EmbedSpec embed(int level) {
    EmbedSpec spec;
    spec.name = "e" + std::to_string(++embeds_);
    spec.kind = once_in(2) ? EmbedSpec::Kind::kMany : EmbedSpec::Kind::kOne;
    spec.from = any_table();
    if (once_in(4)) {
      EmbedSpec::Through through;
      through.from = any_table();
      through.owner.push_back({"a", any_column()});
      through.embedded.push_back({"b", any_column()});
      spec.through = through;
    } else {
      spec.join.push_back(pair());
      if (once_in(4)) {
        EmbedSpec::Pair second = pair();
        while (second.left == spec.join[0].left) second = pair();
        spec.join.push_back(second);
      }
    }
    const bool many = spec.kind == EmbedSpec::Kind::kMany;
    spec.embeds = some_embeds(level + 1, false);
    if (once_in(4) && level < 3) spec.depth = 2;
    if (once_in(3)) spec.where = {condition(), 1, 1};
    if (once_in(3)) spec.order_by.push_back({{ordering(), 1, 1}, once_in(2), once_in(2)});
    if (many && once_in(4)) spec.limit = 1 + below(2);
    if (many && once_in(5)) {
      spec.shape = EmbedSpec::Shape::kValues;
      spec.value = {value(), 1, 1};
      return spec;
    }
    if (many && !spec.through && once_in(5)) spec.shape = EmbedSpec::Shape::kMap;
    if (!many && once_in(5)) spec.merge = true;
    if (once_in(8)) spec.hidden = true;
    spec.hidden = spec.hidden && !spec.merge;
    // What is merged must not bring the same fields twice.
    add_fields(spec.all_columns, spec.fields, spec.embeds, !spec.merge && spec.depth == 1);
    if (spec.merge) spec.depth = 1;
    return spec;
  }

  std::string condition() {
    const std::string text = once_in(2) ? "n <> 2" : "n < 3";
    expressions[text] = [unequal = text == "n <> 2"](const NaiveRow& row) -> std::string {
      if (row.at("n") == "null") return "null";
      const int n = std::stoi(row.at("n"));
      return (unequal ? n != 2 : n < 3) ? "t" : "f";
    };
    return text;
  }
  std::string ordering() {
    const std::string column = once_in(2) ? "n" : "a";
    expressions[column] = [column](const NaiveRow& row) { return row.at(column); };
    return column;
  }
  std::string value() {
    expressions["n + 1"] = [](const NaiveRow& row) -> std::string {
      return row.at("n") == "null" ? "null" : std::to_string(std::stoi(row.at("n")) + 1);
    };
    return "n + 1";
  }

  void add_fields(bool& all_columns, std::vector<FieldSpec>& fields, const std::vector<EmbedSpec>& embeds,
                  bool expressions_too) {
    if (once_in(2)) return;
    all_columns = once_in(2);
    const std::string suffix = std::to_string(embeds_) + "_" + std::to_string(below(1000000));
    if (!all_columns) fields.push_back({"shown" + suffix, once_in(2) ? "n" : "t"});
    if (!expressions_too) return;
    for (const EmbedSpec& embed : embeds) {
      if (embed.kind != EmbedSpec::Kind::kMany || once_in(2)) continue;
      const bool count = once_in(2);
      const std::string text = count ? "count(" + embed.name + ")" : "sum(" + embed.name + ".n)";
      expressions[text] = [name = embed.name, count](const NaiveRow& row) -> std::string {
        const auto& rows = row.embeds.at(name);
        if (count) return std::to_string(rows.size());
        int sum = 0;
        bool any = false;
        for (const NaiveRow& below : rows) {
          if (below.at("n") == "null") continue;
          any = true;
          sum += std::stoi(below.at("n"));
        }
        return any ? std::to_string(sum) : "null";
      };
      FieldSpec field;
      field.name = "agg" + suffix + embed.name;
      field.sql = {text, 1, 1};
      fields.push_back(field);
    }
  }

  void change() {
    Table& table = world.table(any_name());
    const std::string& name = table.schema->table.name;
    const std::size_t what = below(40);
    if (what == 0) return world.truncate(name);
    if (table.rows.empty() || (what < 14 && table.rows.size() < 14)) {
      ::penstock::test::Row values = row(table);
      if (!table.rows.contains(table.key_of(values))) world.insert(name, values);
      return;
    }
    auto at = table.rows.begin();
    std::advance(at, below(table.rows.size()));
    const Key key = at->first;
    if (what < 20) return world.erase(name, key);
    update(table, key, at->second);
  }

  void update(Table& table, const Key& key, const ::penstock::test::Row& old) {
    ::penstock::test::Row values = old;
    const ::penstock::test::Row other = row(table);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool in_key =
          std::find(table.schema->key.begin(), table.schema->key.end(), i) != table.schema->key.end();
      if (once_in(in_key ? 12 : 3)) values[i] = other[i];
    }
    if (table.key_of(values) != key && table.rows.contains(table.key_of(values))) return;
    std::vector<std::size_t> unchanged;
    const std::size_t text = values.size() - 1;
    if (same_value(values[text], old[text]) && once_in(2)) unchanged.push_back(text);
    world.update(table.schema->table.name, key, values, unchanged);
  }

  int embeds_ = 0;
};

}  // namespace penstock::test
