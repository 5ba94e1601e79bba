#include "app/preflight/joins.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/settings/yaml_node.h"

namespace penstock::app {
namespace {

using postgres::ForeignKey;
using Pairs = std::vector<EmbedSpec::Pair>;

bool needs_foreign_keys(const EmbedSpec& embed) {
  const bool itself =
      embed.through ? embed.through->owner.empty() || embed.through->embedded.empty() : embed.join.empty();
  return itself || std::any_of(embed.embeds.begin(), embed.embeds.end(),
                               [](const EmbedSpec& inner) { return needs_foreign_keys(inner); });
}

struct Candidate {
  Pairs pairs;
  const ForeignKey* key;
};

std::string text_of(const Pairs& pairs) {
  std::string text;
  for (const EmbedSpec::Pair& pair : pairs)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", pair.left, pair.right);
  return "{ " + text + " }";
}

// One join between two tables, whose columns are {of `left`, of `right`}.
struct Search {
  const TableName& left;
  const TableName& right;
  bool left_refers;     // where both are one table: the left row is the one that holds the foreign key
  const char* setting;  // "join", "owner" of through
  std::string what;     // "embed \"lines\" of collection \"orders\""
  int line;
};

class Resolver {
 public:
  Resolver(const std::string& file, const std::vector<ForeignKey>& keys) : file_(file), keys_(keys) {}

  Status resolve(std::vector<EmbedSpec>& embeds, const TableName& owner, const std::string& where) {
    for (EmbedSpec& embed : embeds) {
      const std::string what = fmt::format("embed \"{}\" of {}", embed.name, where);
      PENSTOCK_TRY(embed.through ? resolve_through(embed, owner, what) : resolve_join(embed, owner, what));
      PENSTOCK_TRY(resolve(embed.embeds, embed.from, what));
    }
    return {};
  }

 private:
  Status resolve_join(EmbedSpec& embed, const TableName& owner, const std::string& what) {
    const bool many = embed.kind == EmbedSpec::Kind::kMany;
    return find(embed.join, {embed.from, owner, many, "join", what, embed.line});
  }

  Status resolve_through(EmbedSpec& embed, const TableName& owner, const std::string& what) {
    EmbedSpec::Through& through = *embed.through;
    PENSTOCK_TRY(find(through.owner, {through.from, owner, true, "owner", what, through.line}));
    return find(through.embedded, {through.from, embed.from, true, "embedded", what, through.line});
  }

  Status find(Pairs& pairs, const Search& search) {
    if (!pairs.empty()) return {};
    std::vector<Candidate> candidates = candidates_for(search);
    if (candidates.size() == 1) {
      pairs = std::move(candidates.front().pairs);
      return {};
    }
    const std::string tables = fmt::format("{} and {}", to_string(search.left), to_string(search.right));
    if (candidates.empty())
      return fail(
          error_at(file_, search.line, 1,
                   fmt::format("there is no foreign key between {} to join {} by", tables, search.what),
                   fmt::format("write its columns: {}: {{ column of {}: column of {} }}{}", search.setting,
                               to_string(search.left), to_string(search.right),
                               search.setting == std::string_view("join")
                                   ? ", or using: column where both are called the same"
                                   : "")));
    std::string choices;
    for (const Candidate& candidate : candidates)
      choices += fmt::format("{}{}: {} ({})", choices.empty() ? "" : ", or ", search.setting,
                             text_of(candidate.pairs), candidate.key->name);
    return fail(error_at(file_, search.line, 1,
                         fmt::format("there are {} foreign keys between {} to join {} by", candidates.size(),
                                     tables, search.what),
                         "write the one that is meant: " + choices));
  }

  std::vector<Candidate> candidates_for(const Search& search) const {
    std::vector<Candidate> candidates;
    for (const ForeignKey& key : keys_) {
      const bool forwards = key.table == search.left && key.references == search.right;
      const bool backwards = key.table == search.right && key.references == search.left;
      if (forwards && (!backwards || search.left_refers))
        candidates.push_back({pairs_of(key, false), &key});
      else if (backwards)
        candidates.push_back({pairs_of(key, true), &key});
    }
    return candidates;
  }

  static Pairs pairs_of(const ForeignKey& key, bool turned) {
    Pairs pairs;
    for (const auto& [column, referenced] : key.columns)
      pairs.push_back(turned ? EmbedSpec::Pair{referenced, column} : EmbedSpec::Pair{column, referenced});
    return pairs;
  }

  const std::string& file_;
  const std::vector<ForeignKey>& keys_;
};

}  // namespace

bool needs_foreign_keys(const Settings& settings) {
  return std::any_of(settings.collections.begin(), settings.collections.end(), [](const auto& collection) {
    const auto& embeds = collection.spec.embeds;
    return std::any_of(embeds.begin(), embeds.end(),
                       [](const EmbedSpec& embed) { return needs_foreign_keys(embed); });
  });
}

Status resolve_joins(Settings& settings, const std::vector<ForeignKey>& keys) {
  for (CollectionSettings& collection : settings.collections)
    PENSTOCK_TRY(Resolver(settings.file, keys)
                     .resolve(collection.spec.embeds, collection.spec.from,
                              fmt::format("collection \"{}\"", collection.spec.name)));
  return {};
}

Status resolve_joins(Settings& settings, postgres::Connection& connection) {
  if (!needs_foreign_keys(settings)) return {};
  std::vector<TableName> tables;
  for (const Settings::Table& table : settings.tables()) tables.push_back(table.name);
  PENSTOCK_ASSIGN(const std::vector<ForeignKey> keys, postgres::describe_foreign_keys(connection, tables));
  return resolve_joins(settings, keys);
}

Result<Settings> with_joins(Settings settings) {
  if (!needs_foreign_keys(settings)) return settings;
  PENSTOCK_ASSIGN(postgres::Connection connection, postgres::Connection::open(settings.source.postgres));
  PENSTOCK_TRY(resolve_joins(settings, connection));
  return settings;
}

}  // namespace penstock::app
