// Documents of a definition computed from plain rows with nested loops: what the projector must come to.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "projection/spec.h"
#include "unit/projection/view/world.h"

namespace penstock::test {

// Expressions that tests use, by their text: on a row with what hangs on it.
struct NaiveRow {
  const Table* table = nullptr;
  Row values;
  Key key;
  const NaiveRow* owner = nullptr;
  std::map<std::string, std::vector<NaiveRow>> embeds;  // filtered and ordered

  std::string at(const std::string& column) const {
    const Value& value = values[*table->schema->find(column)];
    return value.is_null() ? "null" : to_text(value);
  }
};
using NaiveExpression = std::function<std::string(const NaiveRow&)>;  // "null", or the value's text

class Naive {
 public:
  Naive(World& world, std::map<std::string, NaiveExpression> expressions)
      : world_(world), expressions_(std::move(expressions)) {}

  std::map<std::string, std::string> documents(const CollectionSpec& spec) const {
    std::map<std::string, std::string> out;
    const Table& table = world_.table(name_of(spec.from));
    for (const auto& [key, values] : table.rows) {
      NaiveRow row{&table, values, key, nullptr, {}};
      fill(row, spec.embeds);
      relink(row);
      if (!holds(spec.where, row)) continue;
      std::string id;
      for (const std::string& part : key) id += (id.empty() ? "" : ",") + part;
      out[id] = document(row, spec.all_columns, spec.fields, spec.embeds, nullptr, 1);
    }
    return out;
  }

 private:
  static std::string name_of(const TableName& table) { return table.schema + "." + table.name; }

  // Rows were moved while they were ordered.
  static void relink(NaiveRow& row) {
    for (auto& [name, rows] : row.embeds) {
      for (NaiveRow& below : rows) {
        below.owner = &row;
        relink(below);
      }
    }
  }

  bool holds(const SqlText& where, const NaiveRow& row) const {
    return where.text.empty() || expressions_.at(where.text)(row) == "t";
  }

  static bool equal(const NaiveRow& left, const std::string& left_column, const NaiveRow& right,
                    const std::string& right_column) {
    const std::string a = left.at(left_column);
    return a != "null" && a == right.at(right_column);
  }
  static bool joined(const NaiveRow& left, const NaiveRow& right, const std::vector<EmbedSpec::Pair>& pairs) {
    return std::all_of(pairs.begin(), pairs.end(),
                       [&](const auto& pair) { return equal(left, pair.left, right, pair.right); });
  }

  void fill(NaiveRow& owner, const std::vector<EmbedSpec>& embeds) const {
    for (const EmbedSpec& embed : embeds) fill(owner, embed, embed.depth);
  }

  void fill(NaiveRow& owner, const EmbedSpec& embed, int depth) const {
    std::vector<NaiveRow>& rows = owner.embeds[embed.name];
    const Table& table = world_.table(name_of(embed.from));
    for (const auto& [key, values] : table.rows) {
      NaiveRow row{&table, values, key, &owner, {}};
      for (int times = matches(owner, row, embed); times > 0; --times) rows.push_back(row);
    }
    for (NaiveRow& row : rows) {
      row.owner = &owner;
      fill(row, embed.embeds);
      if (depth > 1) fill(row, embed, depth - 1);
    }
    rows.erase(std::remove_if(rows.begin(), rows.end(),
                              [&](const NaiveRow& row) { return !holds(embed.where, row); }),
               rows.end());
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const NaiveRow& a, const NaiveRow& b) { return before(a, b, embed); });
    if (embed.kind == EmbedSpec::Kind::kOne && rows.size() > 1) rows.erase(rows.begin() + 1, rows.end());
  }

  int matches(const NaiveRow& owner, const NaiveRow& row, const EmbedSpec& embed) const {
    if (!embed.through) return joined(row, owner, embed.join) ? 1 : 0;
    const Table& between = world_.table(name_of(embed.through->from));
    int count = 0;
    for (const auto& [key, values] : between.rows) {
      const NaiveRow link{&between, values, key, nullptr, {}};
      count +=
          joined(link, owner, embed.through->owner) && joined(link, row, embed.through->embedded) ? 1 : 0;
    }
    return count;
  }

  // Keys of the tests are whole numbers.
  static bool key_before(const Key& a, const Key& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] != b[i]) return std::stoi(a[i]) < std::stoi(b[i]);
    }
    return false;
  }
  bool before(const NaiveRow& a, const NaiveRow& b, const EmbedSpec& embed) const {
    for (const OrderSpec& order : embed.order_by) {
      const std::string left = expressions_.at(order.sql.text)(a);
      const std::string right = expressions_.at(order.sql.text)(b);
      if (left == right) continue;
      if (left == "null" || right == "null") return (left == "null") == order.nulls_first;
      return (std::stoi(left) < std::stoi(right)) != order.descending;
    }
    return key_before(a.key, b.key);
  }

  using Fields = std::vector<std::pair<std::string, std::string>>;

  std::string document(const NaiveRow& row, bool all_columns, const std::vector<FieldSpec>& specs,
                       const std::vector<EmbedSpec>& embeds, const EmbedSpec* itself, int depth) const {
    std::string out = "{";
    for (const auto& [name, text] : fields(&row, *row.table, all_columns, specs, embeds, itself, depth))
      out += (out.size() > 1 ? "," : "") + name + ":" + text;
    return out + "}";
  }

  std::string field(const NaiveRow* row, const FieldSpec& spec) const {
    if (row == nullptr) return "null";
    if (!spec.sql.text.empty()) return expressions_.at(spec.sql.text)(*row);
    return row->at(spec.column);
  }

  // Without a row: of a merged embed that is missing.
  Fields fields(const NaiveRow* row, const Table& table, bool all_columns,
                const std::vector<FieldSpec>& specs, const std::vector<EmbedSpec>& embeds,
                const EmbedSpec* itself, int depth) const {
    Fields out;
    const auto embedded = [&](const std::string& name) {
      return std::any_of(embeds.begin(), embeds.end(), [&](const EmbedSpec& embed) {
        return embed.name == name && !embed.hidden && !embed.merge;
      });
    };
    if (all_columns) {
      for (const Column& column : table.schema->columns) {
        const bool named = std::any_of(specs.begin(), specs.end(),
                                       [&](const FieldSpec& spec) { return spec.name == column.name; });
        if (!named && !embedded(column.name))
          out.emplace_back(column.name, row == nullptr ? "null" : row->at(column.name));
      }
    }
    for (const FieldSpec& spec : specs) out.emplace_back(spec.name, field(row, spec));
    for (const EmbedSpec& embed : embeds) add(out, row, embed, embed.depth);
    if (itself != nullptr && depth > 1) add(out, row, *itself, depth - 1);
    return out;
  }

  void add(Fields& out, const NaiveRow* owner, const EmbedSpec& embed, int depth) const {
    if (embed.hidden) return;
    const std::vector<NaiveRow>* rows = owner == nullptr ? nullptr : &owner->embeds.at(embed.name);
    if (embed.merge) {
      const NaiveRow* one = rows == nullptr || rows->empty() ? nullptr : &rows->front();
      for (auto& [name, text] : fields(one, world_.table(name_of(embed.from)), embed.all_columns,
                                       embed.fields, embed.embeds, &embed, depth)) {
        const bool there =
            std::any_of(out.begin(), out.end(), [&](const auto& other) { return other.first == name; });
        if (!there) out.emplace_back(name, text);
      }
      return;
    }
    out.emplace_back(embed.name, rows == nullptr ? "null" : shown(*rows, embed, depth));
  }

  std::string shown(const std::vector<NaiveRow>& rows, const EmbedSpec& embed, int depth) const {
    const auto one = [&](const NaiveRow& row) {
      if (!embed.value.text.empty()) return expressions_.at(embed.value.text)(row);
      return document(row, embed.all_columns, embed.fields, embed.embeds, &embed, depth);
    };
    if (embed.kind == EmbedSpec::Kind::kOne) return rows.empty() ? "null" : one(rows.front());
    const bool map = embed.shape == EmbedSpec::Shape::kMap;
    std::string out = map ? "{" : "[";
    std::size_t count = 0;
    for (const NaiveRow& row : rows) {
      if (embed.limit && count == *embed.limit) break;
      if (count++ > 0) out += ",";
      if (map) {
        std::string key;
        for (const std::string& part : row.key) key += (key.empty() ? "" : ",") + part;
        out += (embed.map_key.text.empty() ? key : expressions_.at(embed.map_key.text)(row)) + ":";
      }
      out += one(row);
    }
    return out + (map ? "}" : "]");
  }

  World& world_;
  const std::map<std::string, NaiveExpression> expressions_;
};

}  // namespace penstock::test
