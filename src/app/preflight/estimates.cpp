#include "app/preflight/estimates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "app/preflight/unique_index.h"

namespace penstock::app {
namespace {

constexpr double kFieldBytes = 10;  // of BSON beside a field's name and value

const TableStatistics* find(const Statistics& statistics, const TableName& table) {
  const auto found = statistics.find(to_string(table));
  return found == statistics.end() || found->second.columns.empty() ? nullptr : &found->second;
}

std::vector<std::string> lefts(const std::vector<EmbedSpec::Pair>& pairs) {
  std::vector<std::string> columns;
  for (const EmbedSpec::Pair& pair : pairs) columns.push_back(pair.left);
  return columns;
}
std::vector<std::string> rights(const std::vector<EmbedSpec::Pair>& pairs) {
  std::vector<std::string> columns;
  for (const EmbedSpec::Pair& pair : pairs) columns.push_back(pair.right);
  return columns;
}

// Owners that may show one embedded row; nothing without statistics.
std::optional<double> owners_of_row(const EmbedSpec& embed, const TableStatistics* owner,
                                    const Statistics& statistics) {
  if (owner == nullptr) return std::nullopt;
  if (!embed.through) return most_alike(*owner, rights(embed.join));
  const TableStatistics* through = find(statistics, embed.through->from);
  if (through == nullptr) return std::nullopt;
  return most_alike(*through, lefts(embed.through->embedded)) *
         most_alike(*owner, rights(embed.through->owner));
}

// Embedded rows that one owner may show; nothing without statistics.
std::optional<double> rows_of_owner(const EmbedSpec& embed, const TableStatistics* table,
                                    const Statistics& statistics) {
  if (embed.kind == EmbedSpec::Kind::kOne) return 1;
  std::optional<double> rows;
  if (!embed.through && table != nullptr) rows = most_alike(*table, lefts(embed.join));
  if (embed.through)
    if (const TableStatistics* through = find(statistics, embed.through->from))
      rows = most_alike(*through, lefts(embed.through->owner));
  if (!rows) return std::nullopt;
  for (const auto& bound : {embed.limit, embed.max_array})
    if (bound) rows = std::min(*rows, static_cast<double>(*bound));
  return rows;
}

double field_bytes(const std::string& name, double width) {
  return kFieldBytes + static_cast<double>(name.size()) + width;
}

double fields_bytes(bool all_columns, const std::vector<FieldSpec>& fields, const TableStatistics& table) {
  double bytes = 5;
  if (all_columns)
    for (const auto& [name, column] : table.columns) bytes += field_bytes(name, column.width);
  for (const FieldSpec& field : fields) {
    const auto column = table.columns.find(field.column);
    const double width = column == table.columns.end() ? 16 : column->second.width;
    if (!field.fields.empty())
      bytes += fields_bytes(false, field.fields, table);
    else if (!field.drop)
      bytes += field_bytes(field.name, width);
    else
      bytes -= field_bytes(field.name, width);
  }
  return std::max(bytes, 0.0);
}

class GrowthEstimate {
 public:
  explicit GrowthEstimate(const Statistics& statistics) : statistics_(statistics) {}

  Growth of(const CollectionSpec& spec) {
    const TableStatistics* table = find(statistics_, spec.from);
    if (table == nullptr || spec.is_summary()) return {};
    growth_.bytes = fields_bytes(spec.all_columns, spec.fields, *table);
    for (const EmbedSpec& embed : spec.embeds) growth_.bytes += add(embed, "", 1, true);
    return complete_ ? growth_ : Growth{};
  }

 private:
  // Bytes that the embed adds to one owner. `owners`: how many of them are in the document.
  double add(const EmbedSpec& embed, const std::string& path, double owners, bool shown) {
    const std::string name = path + embed.name;
    const TableStatistics* table = find(statistics_, embed.from);
    const auto rows = rows_of_owner(embed, table, statistics_);
    if (table == nullptr || !rows) return complete_ = false, 0;
    const bool visible = shown && !embed.hidden;
    const bool values = !embed.value.text.empty();
    double each = values ? 24 : fields_bytes(embed.all_columns, embed.fields, *table);
    for (const EmbedSpec& inner : embed.embeds)
      each += add(inner, name + ".", owners * *rows, visible && !values);
    if (!visible) return 0;
    double bytes = each * *rows;
    for (int level = 1; level < embed.depth; ++level) bytes = (each + bytes) * *rows;
    if (embed.kind == EmbedSpec::Kind::kMany && bytes * owners > most_) {
      most_ = bytes * owners;
      growth_.embed = name;
      growth_.rows = *rows * owners;
    }
    return bytes;
  }

  const Statistics& statistics_;
  Growth growth_;
  double most_ = 0;
  bool complete_ = true;
};

class FanOutEstimate {
 public:
  explicit FanOutEstimate(const Statistics& statistics) : statistics_(statistics) {}

  void add(const std::vector<EmbedSpec>& embeds, const TableName& owner, const std::string& path,
           double documents) {
    for (const EmbedSpec& embed : embeds) {
      const auto owners = owners_of_row(embed, find(statistics_, owner), statistics_);
      if (!owners) continue;
      const std::string name = path + embed.name;
      double shown = *owners * documents;
      for (int level = 1; level < embed.depth; ++level) shown = (shown + documents) * *owners;
      result_.push_back({embed.from, name, shown});
      add(embed.embeds, embed.from, name + ".", shown);
    }
  }

  std::vector<FanOut> result_;

 private:
  const Statistics& statistics_;
};

}  // namespace

Result<Statistics> read_statistics(postgres::Connection& connection, const TableDescriptions& tables) {
  Statistics statistics;
  for (const auto& [name, table] : tables) {
    TableStatistics& entry = statistics[name];
    entry.rows = table.estimated_rows;
    for (const auto index : table.schema->key) entry.key.push_back(table.schema->columns[index].name);
    PENSTOCK_ASSIGN(
        const postgres::Rows rows,
        connection.query(
            "SELECT attname, n_distinct, avg_width, null_frac, coalesce(most_common_freqs[1], 0) "
            "FROM pg_stats WHERE schemaname = $1 AND tablename = $2 AND inherited = $3::boolean",
            {table.schema->table.schema, table.schema->table.name, table.leaves.empty() ? "false" : "true"}));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto number = [&](std::size_t column) {
        return std::strtod(rows.string(i, column).c_str(), nullptr);
      };
      ColumnStatistics column;
      // PostgreSQL manual: "pg_stats": negative means a share of the rows.
      column.distinct = std::max(1.0, number(1) < 0 ? -number(1) * entry.rows : number(1));
      column.largest = std::max(number(4) * entry.rows, (1 - number(3)) * entry.rows / column.distinct);
      column.width = number(2);
      if (table.schema->find(rows.string(i, 0))) entry.columns.emplace(rows.string(i, 0), column);
    }
  }
  return statistics;
}

double most_alike(const TableStatistics& table, const std::vector<std::string>& columns) {
  if (!table.key.empty() && covers(columns, table.key)) return 1;
  double rows = table.rows;
  for (const std::string& name : columns)
    if (const auto column = table.columns.find(name); column != table.columns.end())
      rows = std::min(rows, column->second.largest);
  return std::max(1.0, rows);
}

std::vector<FanOut> fan_outs(const CollectionSpec& spec, const Statistics& statistics) {
  FanOutEstimate estimate(statistics);
  estimate.add(spec.embeds, spec.from, "", 1);
  return std::move(estimate.result_);
}

Growth largest_document(const CollectionSpec& spec, const Statistics& statistics) {
  return GrowthEstimate(statistics).of(spec);
}

std::string size_text(double bytes) {
  static constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1024;
  return unit > 0 && bytes < 10 ? fmt::format("{:.1f} {}", bytes, kUnits[unit])
                                : fmt::format("{:.0f} {}", bytes, kUnits[unit]);
}

std::string count_text(double count) {
  const std::string digits = fmt::format("{:.0f}", std::round(count));
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace penstock::app
