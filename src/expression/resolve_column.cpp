// Names of columns and embeds.
#include <algorithm>
#include <cctype>

#include "base/nearest.h"
#include "expression/column.h"
#include "expression/resolver.h"

namespace penstock::expression {
namespace {

constexpr std::string_view kParent = "parent";

// A name as it must be written: in quotes when PostgreSQL would fold or refuse it.
std::string written(const std::string& name) {
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80 || (c >= '0' && c <= '9') || c == '$';
  }) && std::isdigit(static_cast<unsigned char>(name[0])) == 0;
  return plain ? name : "\"" + name + "\"";
}

std::string joined(const std::vector<std::string>& names, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += '.';
    out += written(names[i]);
  }
  return out;
}
std::string joined(const std::vector<std::string>& names) { return joined(names, names.size()); }

template <class Named>
std::optional<std::uint16_t> index_of(const std::vector<Named>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.name == name; });
  if (found == all.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - all.begin());
}

template <class Named>
void add_names(std::vector<std::string>& names, const std::vector<Named>& all) {
  for (const Named& one : all) names.push_back(written(one.name));
}

const std::string& name_of(const Scope& scope) { return scope.level; }

// How many embeds of both paths are the same, from the first one.
std::size_t shared(const std::vector<std::uint16_t>& one, const std::vector<std::uint16_t>& other) {
  const auto end = std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first;
  return static_cast<std::size_t>(end - one.begin());
}

}  // namespace

Result<NodePtr> Resolver::column(const Tree& tree) {
  const int location = tree.location();
  std::vector<std::string> names;
  for (const Tree& field : tree.children("fields")) {
    if (field.tag() == "A_Star") return refuse(location, "* is not an expression");
    names.emplace_back(field.text("sval"));
  }
  ++columns_seen_;
  if (names.size() == 1 && keys_ != nullptr) {
    if (NodePtr key = key_named(names[0]); key != nullptr) return key;
  }
  PENSTOCK_ASSIGN(Path path, path_to(names, names.size() - 1, location));
  return column_at(names, std::move(path), location);
}

NodePtr Resolver::key_named(const std::string& name) const {
  for (std::size_t i = 0; i < keys_->size(); ++i) {
    const Grouped::Key& key = (*keys_)[i];
    if (key.name != name) continue;
    return std::make_unique<GroupValue>(key.expression->type(), GroupValue::Kind::kKey, i);
  }
  return nullptr;
}

// Where the first `count` names lead: parents first, then embeds.
Result<Resolver::Path> Resolver::path_to(const std::vector<std::string>& names, std::size_t count,
                                         int location) const {
  Path path;
  path.scope = &scope_;
  std::size_t at = 0;
  for (; at < count && names[at] == kParent && !index_of(path.scope->embeds, names[at]); ++at) {
    if (path.scope->parent == nullptr) {
      return refuse(location, joined(names) + ": " + name_of(*path.scope) + " has no parent");
    }
    path.scope = path.scope->parent;
    ++path.up;
  }
  for (; at < count; ++at) {
    const auto embed = index_of(path.scope->embeds, names[at]);
    if (!embed) {
      std::vector<std::string> known;
      add_names(known, path.scope->embeds);
      if (path.scope->parent != nullptr && path.embeds.empty()) known.emplace_back(kParent);
      return refuse(location,
                    name_of(*path.scope) + " has no embed " + written(names[at]) +
                        did_you_mean(written(names[at]), known),
                    "Columns of the level itself are written without a prefix.");
    }
    path.embeds.push_back(*embed);
    if (path.scope->embeds[*embed].many) path.through_many = path.embeds.size();
    path.scope = path.scope->embeds[*embed].scope;
  }
  return path;
}

tl::unexpected<Error> Resolver::unknown_column(const std::vector<std::string>& names, const Path& path,
                                               int location) const {
  const std::string& name = names.back();
  if (const auto embed = index_of(path.scope->embeds, name)) {
    const bool many = path.scope->embeds[*embed].many;
    if (many && place_ != Place::kRow) {
      return refuse(location, joined(names) + " has many rows for one row of the group",
                    "Aggregates of a group range over the rows of `from`.");
    }
    return refuse(location, joined(names) + " is an embed, not a column",
                  many ? "Count its rows by count(" + joined(names) + "), or take an aggregate of a column."
                       : "Name one of its columns: " + joined(names) + ".column.");
  }
  std::vector<std::string> known;
  add_names(known, path.scope->columns);
  add_names(known, path.scope->embeds);
  if (keys_ != nullptr) add_names(known, *keys_);
  return refuse(location, name_of(*path.scope) + " has no column " + written(name) +
                              did_you_mean(written(name), known));
}

Result<NodePtr> Resolver::column_at(const std::vector<std::string>& names, Path path, int location) {
  const auto index = index_of(path.scope->columns, names.back());
  if (!index) return unknown_column(names, path, location);
  if (path.through_many > 0) PENSTOCK_TRY(enter_range(path, names, location));
  const Type type = path.scope->columns[*index].type;
  const std::size_t depth = range_ ? shared(range_->embeds, path.embeds) : 0;
  Reference reference{path.up, std::move(path.embeds), *index};
  return std::make_unique<Column>(type, joined(names), location, std::move(reference),
                                  path.up > 0 ? 0 : depth);
}

Result<void> Resolver::enter_range(const Path& path, const std::vector<std::string>& names, int location) {
  const std::string embed = joined(names, path.up + path.through_many);
  if (place_ != Place::kRow) {
    return refuse(location, embed + " has many rows for one row of the group",
                  "Aggregates of a group range over the rows of `from`; only columns of `one` embeds are "
                  "reached from there.");
  }
  if (!in_aggregate_) {
    return refuse(location, joined(names) + " has a value for each row of " + embed,
                  "Take an aggregate of it, such as max(" + joined(names) + ").");
  }
  if (path.up > 0) {
    return refuse(location, "aggregates range over embeds of this level, and " + embed + " is of a parent");
  }
  const std::vector<std::uint16_t> wanted(
      path.embeds.begin(), path.embeds.begin() + static_cast<std::ptrdiff_t>(path.through_many));
  if (!range_) range_ = Range{};
  const std::size_t same = shared(range_->embeds, wanted);
  if (same < range_->embeds.size() && same < wanted.size()) {
    return refuse(location, "one aggregate cannot range over both " + range_->name + " and " + embed,
                  "Write an aggregate for each.");
  }
  if (wanted.size() > range_->embeds.size()) *range_ = Range{wanted, embed};
  return {};
}

Result<bool> Resolver::names_rows(const Tree& tree) {
  if (tree.tag() != "ColumnRef") return false;
  std::vector<std::string> names;
  for (const Tree& field : tree.children("fields")) {
    if (field.tag() == "A_Star") return false;
    names.emplace_back(field.text("sval"));
  }
  PENSTOCK_ASSIGN(const Path before, path_to(names, names.size() - 1, tree.location()));
  if (!index_of(before.scope->embeds, names.back())) return false;
  PENSTOCK_ASSIGN(const Path path, path_to(names, names.size(), tree.location()));
  if (path.through_many < path.embeds.size()) {
    return refuse(tree.location(), joined(names) + " is one row at most; it is not counted",
                  "Test one of its columns: " + joined(names) + ".column is not null.");
  }
  PENSTOCK_TRY(enter_range(path, names, tree.location()));
  return true;
}

}  // namespace penstock::expression
