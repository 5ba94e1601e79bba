#include "app/settings/table_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/settings/yaml_node.h"

namespace penstock::app {
namespace {

// Calls `use(table, key, line)` for each table below, outer ones and tables between first.
template <class Embeds, class Use>
void each_table(Embeds& embeds, const Use& use) {
  for (auto& embed : embeds) {
    if (embed.through) use(embed.through->from, embed.through->key, embed.through->line);
    use(embed.from, embed.key, embed.line);
    each_table(embed.embeds, use);
  }
}

struct NamedKey {
  std::vector<std::string> columns;
  int line = 0;
};

}  // namespace

Status share_keys(const std::string& file, std::vector<CollectionSettings>& collections) {
  std::map<TableName, NamedKey> keys;
  Status status;
  const auto collect = [&](const TableName& table, const std::vector<std::string>& key, int line) {
    if (key.empty() || !status) return;
    const auto [known, is_new] = keys.emplace(table, NamedKey{key, line});
    if (is_new || known->second.columns == key) return;
    status = fail(error_at(
        file, line, 1,
        fmt::format("{} has another key here ({}) than in line {} ({})", to_string(table),
                    fmt::join(key, ", "), known->second.line, fmt::join(known->second.columns, ", ")),
        "give both the same columns in the same order"));
  };
  const auto give = [&](const TableName& table, std::vector<std::string>& key, int) {
    if (const auto known = keys.find(table); known != keys.end()) key = known->second.columns;
  };
  for (CollectionSettings& collection : collections) {
    collect(collection.spec.from, collection.spec.key, collection.spec.line);
    each_table(collection.spec.embeds, collect);
  }
  if (!status) return status;
  for (CollectionSettings& collection : collections) {
    give(collection.spec.from, collection.spec.key, 0);
    each_table(collection.spec.embeds, give);
  }
  return {};
}

std::vector<Settings::Table> Settings::tables() const {
  std::vector<Table> tables;
  for (const CollectionSettings& collection : collections) {
    const auto use = [&](const TableName& name, const std::vector<std::string>& key, int) {
      auto found =
          std::find_if(tables.begin(), tables.end(), [&](const Table& table) { return table.name == name; });
      if (found == tables.end()) found = tables.insert(found, Table{name, key, {}, false});
      if (found->collections.empty() || found->collections.back() != collection.spec.name)
        found->collections.push_back(collection.spec.name);
      found->mirrored = found->mirrored || !collection.spec.is_plain();
    };
    use(collection.spec.from, collection.spec.key, 0);
    each_table(collection.spec.embeds, use);
  }
  return tables;
}

}  // namespace penstock::app
