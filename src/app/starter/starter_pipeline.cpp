#include "app/starter/starter_pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "app/settings/names.h"

namespace penstock::app {
namespace {

using postgres::ForeignKey;
using Names = std::vector<std::string>;

constexpr int kDeepest = 4;  // embeds in embeds

std::string yaml_text(const std::string& name) {
  return parse_column(name) && name != "true" && name != "false" && name != "null"
             ? name
             : "'" + quote_identifier(name) + "'";
}

// "'public.\"order.lines\"'" where the names need it.
std::string yaml_table(const TableName& table) {
  const auto plain = [](const std::string& name) { return parse_column(name).has_value(); };
  if (plain(table.schema) && plain(table.name)) return to_string(table);
  std::string text = quoted(table);
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) text.insert(at, 1, '\'');
  return "'" + text + "'";
}

Names columns_of(const ForeignKey& key) {
  Names names;
  for (const auto& pair : key.columns) names.push_back(pair.column);
  return names;
}

bool holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}
bool holds_all(const Names& names, const Names& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const std::string& name) { return holds(names, name); });
}

// A letter, then letters, digits and _: also a pipeline's and a slot's name.
std::string plain_name(const std::string& name) {
  std::string plain;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    plain += std::isalnum(byte) != 0 ? static_cast<char>(std::tolower(byte)) : '_';
  }
  if (plain.empty() || std::isalpha(static_cast<unsigned char>(plain.front())) == 0) plain = "p_" + plain;
  return plain.substr(0, 40);
}

class Writer {
 public:
  explicit Writer(const StarterDatabase& database) : database_(database) {
    for (const StarterTable& table : database.tables) classify(table);
  }

  std::string write() {
    const std::string name = plain_name(database_.name);
    out_ = fmt::format(
        "# Made from the tables and foreign keys of database \"{}\". Take out what readers do not need, "
        "then:\n"
        "#   penstock check FILE     and   penstock run FILE\n"
        "pipeline: {}\n\n"
        "source:\n  postgres: ${{PENSTOCK_POSTGRES:-{}}}\n\n"
        "sink:\n  mongodb: ${{PENSTOCK_MONGODB:-mongodb://127.0.0.1:27017/?replicaSet=rs0}}\n  database: "
        "{}\n\n"
        "collections:\n",
        database_.name, name, database_.url, name);
    for (const StarterTable& table : database_.tables) write_collection(table);
    if (!any_)
      out_ +=
          "  # No table has a primary key. A collection of any table needs a unique key:\n"
          "  example: { from: public.example, key: id }\n";
    return std::move(out_);
  }

 private:
  void classify(const StarterTable& table) {
    const std::vector<const ForeignKey*> own = keys_of(table.name);
    if (own.size() == 2 && !table.key.empty()) {
      Names both = columns_of(*own[0]);
      for (const std::string& column : columns_of(*own[1])) both.push_back(column);
      if (holds_all(both, table.key) && table.columns.size() <= both.size() + 1) {
        between_.insert(table.name);
        return;
      }
    }
    const ForeignKey* owner = nullptr;
    int owners = 0;
    for (const ForeignKey* key : own) {
      const bool known_by_it = !table.key.empty() && holds_all(table.key, columns_of(*key));
      if (key->references == table.name || !(key->cascades || known_by_it)) continue;
      owner = key;
      ++owners;
    }
    if (owners == 1 && !table.key.empty()) owner_.emplace(table.name, owner);
  }

  std::vector<const ForeignKey*> keys_of(const TableName& table) const {
    std::vector<const ForeignKey*> keys;
    for (const ForeignKey& key : database_.keys)
      if (key.table == table) keys.push_back(&key);
    return keys;
  }

  // Two owners in a circle would leave both out.
  bool is_root(const TableName& table) const {
    if (between_.contains(table)) return false;
    TableName at = table;
    for (int steps = 0; steps <= kDeepest; ++steps) {
      const auto owner = owner_.find(at);
      if (owner == owner_.end()) return at == table;
      at = owner->second->references;
      if (at == table) return true;
    }
    return false;
  }

  void write_collection(const StarterTable& table) {
    if (table.key.empty()) {
      out_ += fmt::format(
          "  # {} has no primary key; with a unique index over NOT NULL columns:\n"
          "  # {}: {{ from: {}, key: [COLUMN] }}\n\n",
          to_string(table.name), collection_name(table.name), yaml_table(table.name));
      return;
    }
    if (!is_root(table.name)) {
      if (owner_.contains(table.name))
        out_ += fmt::format(
            "  # Embedded below; it may also be a collection of its own:\n"
            "  # {}: {{ from: {} }}\n\n",
            collection_name(table.name), yaml_table(table.name));
      return;
    }
    any_ = true;
    out_ += fmt::format("  {}:\n    from: {}\n", collection_name(table.name), yaml_table(table.name));
    write_embeds(table.name, "    ", 1, {table.name});
    out_ += "\n";
  }

  // Names of tables in two schemas would meet.
  std::string collection_name(const TableName& table) const {
    const auto same = std::count_if(database_.tables.begin(), database_.tables.end(),
                                    [&](const StarterTable& other) { return other.name.name == table.name; });
    return yaml_key(same > 1 ? table.schema + "_" + table.name : table.name);
  }
  static std::string yaml_key(const std::string& name) {
    return parse_column(name) && name != "true" && name != "false" && name != "null" ? name
                                                                                     : "\"" + name + "\"";
  }

  void write_embeds(const TableName& table, const std::string& indent, int depth, std::set<TableName> above) {
    std::string embeds, hints;
    std::set<std::string> names;
    for (const auto& [child, key] : owner_) {
      if (key->references != table || above.contains(child) || depth > kDeepest) continue;
      std::string rest = std::move(out_);
      out_.clear();
      above.insert(child);
      write_embeds(child, indent + "    ", depth + 1, above);
      above.erase(child);
      const std::string inner = std::exchange(out_, std::move(rest));
      embeds += fmt::format("{}  {}:\n{}    many: {}\n{}    {}\n{}", indent, unique(names, child.name),
                            indent, yaml_table(child), indent, join(*key, false), inner);
    }
    for (const ForeignKey* key : keys_of(table)) {
      if (above.contains(key->references) && key->references != table) continue;
      hints += fmt::format("{}#   {}: {{ one: {}, {} }}\n", indent, unique(names, field_name(*key)),
                           yaml_table(key->references), join(*key, true));
    }
    hints += many_to_many(table, indent, names);
    if (!embeds.empty()) out_ += indent + "embed:\n" + embeds;
    if (!hints.empty())
      out_ +=
          fmt::format("{}# {}, which can be shown inside:\n{}# embed:\n{}", indent,
                      embeds.empty() ? "Rows it refers to" : "More embeds: rows it refers to", indent, hints);
  }

  std::string many_to_many(const TableName& table, const std::string& indent,
                           std::set<std::string>& names) const {
    std::string hints;
    for (const TableName& between : between_) {
      const auto keys = keys_of(between);
      for (std::size_t i = 0; i < 2; ++i) {
        if (keys[i]->references != table) continue;
        const ForeignKey& other = *keys[1 - i];
        hints += fmt::format("{}#   {}: {{ many: {}, through: {{ from: {}, owner: {}, embedded: {} }} }}\n",
                             indent, unique(names, other.references.name), yaml_table(other.references),
                             yaml_table(between), pairs(*keys[i], false), pairs(other, false));
      }
    }
    return hints;
  }

  static std::string unique(std::set<std::string>& names, const std::string& name) {
    std::string free = name;
    for (int i = 2; !names.insert(free).second; ++i) free = fmt::format("{}_{}", name, i);
    return yaml_key(free);
  }

  // customer_id -> customer; otherwise the table's name. In expressions "parent" is the row around.
  static std::string field_name(const ForeignKey& key) {
    const std::string& column = key.columns.front().column;
    const bool names_it = key.columns.size() == 1 && column.size() > 3 && column.ends_with("_id");
    const std::string name = names_it ? column.substr(0, column.size() - 3) : key.references.name;
    return name == "parent" ? "parent_" + key.references.name : name;
  }

  // `turned`: the embedded row is the one referred to.
  static std::string join(const ForeignKey& key, bool turned) {
    const bool same = std::all_of(key.columns.begin(), key.columns.end(),
                                  [](const auto& pair) { return pair.column == pair.referenced; });
    if (!same) return "join: " + pairs(key, turned);
    std::string names;
    for (const auto& pair : key.columns) names += (names.empty() ? "" : ", ") + yaml_text(pair.column);
    return key.columns.size() == 1 ? "using: " + names : "using: [" + names + "]";
  }

  static std::string pairs(const ForeignKey& key, bool turned) {
    std::string text;
    for (const auto& [column, referenced] : key.columns)
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", yaml_text(turned ? referenced : column),
                          yaml_text(turned ? column : referenced));
    return "{ " + text + " }";
  }

  const StarterDatabase& database_;
  std::set<TableName> between_;
  std::map<TableName, const ForeignKey*> owner_;
  std::string out_;
  bool any_ = false;
};

}  // namespace

std::string starter_pipeline(const StarterDatabase& database) { return Writer(database).write(); }

}  // namespace penstock::app
