#include "app/preflight/state_plan.h"

#include <algorithm>

#include "app/preflight/unique_index.h"

namespace penstock::app {
namespace {

// Of the state's B-trees, beside the values themselves: row headers, page fill.
constexpr double kRowBytes = 28;
constexpr double kEntryBytes = 16;
constexpr double kFill = 1.25;

using Columns = std::vector<std::string>;

// By which columns the joins look rows of each table up, both ways.
class Lookups {
 public:
  void add(const std::vector<EmbedSpec>& embeds, const TableName& owner) {
    for (const EmbedSpec& embed : embeds) {
      if (embed.through) {
        add(embed.through->from, embed.through->owner, owner);
        add(embed.through->from, embed.through->embedded, embed.from);
      } else {
        add(embed.from, embed.join, owner);
      }
      add(embed.embeds, embed.from);
    }
  }

  std::map<std::string, std::vector<Columns>> by_table_;

 private:
  void add(const TableName& left, const std::vector<EmbedSpec::Pair>& pairs, const TableName& right) {
    Columns lefts, rights;
    for (const EmbedSpec::Pair& pair : pairs) {
      lefts.push_back(pair.left);
      rights.push_back(pair.right);
    }
    add(left, std::move(lefts));
    add(right, std::move(rights));
  }

  void add(const TableName& table, Columns columns) {
    std::vector<Columns>& known = by_table_[to_string(table)];
    if (std::find(known.begin(), known.end(), columns) == known.end()) known.push_back(std::move(columns));
  }
};

double width(const TableStatistics& table, const Columns& columns) {
  double bytes = 0;
  for (const std::string& name : columns)
    if (const auto column = table.columns.find(name); column != table.columns.end())
      bytes += column->second.width;
  return bytes;
}

void estimate(KeptTable& kept, const TableStatistics& table) {
  kept.rows = table.rows;
  if (table.columns.empty()) return;
  double row = kRowBytes;
  for (const auto& [name, column] : table.columns)
    if (kept.columns.empty() || kept.columns.contains(name)) row += column.width;
  for (const Columns& lookup : kept.lookups)
    row += kEntryBytes + width(table, lookup) + width(table, kept.key);
  kept.bytes = row * kFill * table.rows;
}

}  // namespace

std::vector<KeptTable> plan_state(const Settings& settings, const Statistics& statistics,
                                  const ColumnsRead& columns) {
  Lookups lookups;
  for (const CollectionSettings& collection : settings.collections)
    lookups.add(collection.spec.embeds, collection.spec.from);
  std::vector<KeptTable> plan;
  for (const Settings::Table& table : settings.tables()) {
    if (!table.mirrored) continue;
    const std::string name = to_string(table.name);
    KeptTable kept;
    kept.name = table.name;
    kept.key = table.key;
    kept.lookups = lookups.by_table_[name];
    if (const auto read = columns.find(name); read != columns.end()) kept.columns = read->second;
    const auto known = statistics.find(name);
    if (known != statistics.end()) kept.key = known->second.key;
    std::erase_if(kept.lookups,
                  [&](const Columns& one) { return covers(kept.key, one) && covers(one, kept.key); });
    if (known != statistics.end()) estimate(kept, known->second);
    plan.push_back(std::move(kept));
  }
  return plan;
}

}  // namespace penstock::app
