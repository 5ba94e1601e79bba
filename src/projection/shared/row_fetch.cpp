#include "projection/shared/row_fetch.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr std::size_t kAtOnce = 1000;  // values of one question

// The mirror's key columns of an event's row; what was not sent as in `other`.
bool key_from(const Mirror& mirror, const TableSchema& schema, const Value* row, const Value* other,
              std::string& key) {
  std::vector<Value> values(mirror.columns().size(), Value(Unchanged{}));
  for (const std::uint16_t column : mirror.key()) {
    const auto place = schema.find(mirror.columns()[column].name);
    if (!place) return false;
    values[column] = row[*place];
    if (values[column].is_unchanged() && other != nullptr) values[column] = other[*place];
  }
  return mirror.key_of(values.data(), key);
}

}  // namespace

TouchedKeys keys_of(Scratch& scratch, const EventBatch& batch, std::size_t first, std::size_t last) {
  TouchedKeys touched;
  std::string key;
  for (std::size_t i = first; i < last; ++i) {
    const Event& event = batch.events[i];
    if (event.schema == nullptr || event.kind == EventKind::kTruncate) continue;
    MirroredTable* table = scratch.collections().table(to_string(event.schema->table));
    if (table == nullptr) continue;
    for (const auto& [row, other] :
         {std::pair(event.before, event.after), std::pair(event.after, event.before)})
      if (row != nullptr && key_from(*table->mirror, *event.schema, row, other, key))
        touched[table->mirror].insert(key);
  }
  return touched;
}

Status RowFetch::fetch(Mirror& mirror, const std::vector<std::string>& keys) {
  for (std::size_t begin = 0; begin < keys.size() && !too_much(); begin += kAtOnce) {
    const auto from = keys.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto to = keys.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kAtOnce, keys.size()));
    PENSTOCK_ASSIGN(const auto rows, scratch_.kept().rows(mirror.name(), {from, to}));
    PENSTOCK_TRY(scratch_.hold(mirror, rows));
  }
  return {};
}

Result<bool> RowFetch::below(const Tree& tree, const std::vector<std::string>& roots, std::size_t most) {
  most_ = most;
  Mirror& mirror = *tree.root.mirror;
  PENSTOCK_TRY(fetch(mirror, roots));
  Arena arena;
  Rows rows;
  for (const std::string& key : roots) {
    PENSTOCK_ASSIGN(const MirrorRow row, mirror.find(key, arena));
    if (row.values != nullptr) rows.push_back(row.values);
  }
  PENSTOCK_TRY(descend(tree.root, rows, arena));
  return !too_much();
}

Status RowFetch::descend(const Node& node, const Rows& owners, Arena& arena) {
  if (owners.empty() || too_much()) return {};
  for (const auto& child : node.children) {
    Rows between = owners;
    if (child->through) {
      PENSTOCK_ASSIGN(between, follow(*child->through, owners, arena));
    }
    PENSTOCK_ASSIGN(const Rows found, follow(child->down, between, arena));
    PENSTOCK_TRY(descend(*child, found, arena));
  }
  return {};
}

Result<RowFetch::Rows> RowFetch::follow(const Lookup& lookup, const Rows& from, Arena& arena) {
  std::set<std::string> values;
  std::string value;
  for (const Value* row : from)
    if (lookup.value_of(row, value)) values.insert(value);
  std::vector<std::string> unknown;
  auto& asked = asked_[{lookup.in, lookup.path}];
  for (const std::string& one : values)
    if (asked.insert(one).second) unknown.push_back(one);
  PENSTOCK_TRY(ask(lookup, std::move(unknown)));
  std::vector<MirrorRow> found;
  for (const std::string& one : values) PENSTOCK_TRY(lookup.in->list(lookup.path, one, arena, found));
  Rows rows;
  rows.reserve(found.size());
  for (const MirrorRow& row : found) rows.push_back(row.values);
  return rows;
}

Status RowFetch::ask(const Lookup& lookup, std::vector<std::string> values) {
  if (lookup.target().is_key) return fetch(*lookup.in, values);
  for (std::size_t begin = 0; begin < values.size() && !too_much(); begin += kAtOnce) {
    const auto from = values.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto to = values.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kAtOnce, values.size()));
    PENSTOCK_ASSIGN(const auto rows,
                    scratch_.kept().joined(lookup.in->name(), lookup.target().index, {from, to}));
    PENSTOCK_TRY(scratch_.hold(*lookup.in, rows));
  }
  return {};
}

}  // namespace penstock
