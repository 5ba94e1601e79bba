#include "projection/view/assembler.h"

#include <algorithm>

namespace penstock {

Error at_field(const Error& error, const Node& node, const std::string& what) {
  return make_error(error.kind, "collection " + node.level + ", " + what + ": " + error.message,
                    error.remedy);
}

TreeRow* Assembler::root_of(const Value* values, std::string_view key) {
  TreeRow* row = arena_.array<TreeRow>(1);
  row->columns = values;
  row->key = key;
  return row;
}

Result<TreeRow*> Assembler::find_root(const Tree& tree, std::string_view key) {
  PENSTOCK_ASSIGN(const MirrorRow found, tree.root.mirror->find(key, arena_));
  return found.values != nullptr ? root_of(found.values, arena_.copy(key)) : nullptr;
}

Result<bool> Assembler::holds(const Node& node, const TreeRow& row) {
  if (!node.where) return true;
  auto holds = node.where->holds(row, arena_);
  if (!holds) return fail(at_field(holds.error(), node, "where"));
  return holds;
}

Status Assembler::fill(const Node& node, TreeRow& row) {
  if (node.children.empty()) return {};
  auto* embeds = arena_.array<expression::Row::Children>(node.children.size());
  row.embeds = embeds;
  for (std::size_t i = 0; i < node.children.size(); ++i)
    PENSTOCK_TRY(fill_embed(*node.children[i], row, embeds[i]));
  return {};
}

Status Assembler::fill_embed(const Node& child, TreeRow& owner, expression::Row::Children& into) {
  std::vector<MirrorRow> found;
  PENSTOCK_TRY(find_rows(child, owner, found));
  std::vector<TreeRow*> rows;
  rows.reserve(found.size());
  auto* made = arena_.array<TreeRow>(found.size());
  for (const MirrorRow& one : found) {
    TreeRow& row = *made++;
    row.columns = one.values;
    row.key = one.key;
    row.parent = &owner;
    if (child.where && child.where_is_local) {
      PENSTOCK_ASSIGN(const bool shown, holds(child, row));
      if (!shown) continue;
    }
    PENSTOCK_TRY(fill(child, row));
    if (child.where && !child.where_is_local) {
      PENSTOCK_ASSIGN(const bool shown, holds(child, row));
      if (!shown) continue;
    }
    rows.push_back(&row);
  }
  const auto& most = child.spec->max_array;
  if (child.many() && most && rows.size() > *most)
    return fail(
        ErrorKind::kRejectedDocument,
        "collection " + child.level + ": " + std::to_string(rows.size()) +
            " rows in one document, and at most " + std::to_string(*most) + " are allowed",
        "raise `max_array` or set `limit`; or let such documents be parked with `errors: dead_letter`");
  PENSTOCK_TRY(sort(child, rows));
  if (!child.many() && rows.size() > 1) rows.resize(1);
  auto* kept = arena_.array<const expression::Row*>(rows.size());
  std::copy(rows.begin(), rows.end(), kept);
  into.rows = kept;
  into.size = static_cast<std::uint32_t>(rows.size());
  return {};
}

Status Assembler::find_rows(const Node& child, const TreeRow& owner, std::vector<MirrorRow>& rows) {
  return child.through ? find_through(child, owner, rows) : look_up(child.down, owner.columns, rows);
}

Status Assembler::find_through(const Node& child, const TreeRow& owner, std::vector<MirrorRow>& rows) {
  std::vector<MirrorRow> between;
  PENSTOCK_TRY(look_up(*child.through, owner.columns, between));
  for (const MirrorRow& row : between) PENSTOCK_TRY(look_up(child.down, row.values, rows));
  std::stable_sort(rows.begin(), rows.end(),
                   [](const MirrorRow& a, const MirrorRow& b) { return a.key < b.key; });
  return {};
}

Status Assembler::look_up(const Lookup& lookup, const Value* from, std::vector<MirrorRow>& rows) {
  if (!lookup.value_of(from, value_)) return {};
  if (in_order_ && lookup.in->lies_along(lookup.path)) return look_ahead(lookup, rows);
  if (!lookup.target().is_key) return lookup.in->list(lookup.path, value_, arena_, rows);
  const auto known = shared_.find({lookup.in, value_});
  if (known != shared_.end()) {
    if (known->second != nullptr) rows.push_back({known->first.key, known->second});
    return {};
  }
  PENSTOCK_ASSIGN(const MirrorRow row, lookup.in->find(value_, arena_));
  const std::string_view key = arena_.copy(value_);
  shared_.emplace(SharedKey{lookup.in, key}, row.values);
  if (row.values != nullptr) rows.push_back({key, row.values});
  return {};
}

// Rows of value_ and of the values after it, more of them as long as most are of use.
Status Assembler::read_ahead(const Lookup& lookup, Ahead& ahead) {
  constexpr std::size_t kMost = 512;
  if (!ahead.rows.empty())
    ahead.window = 2 * ahead.used >= ahead.rows.size() ? std::min(2 * ahead.window, kMost) : 0;
  ahead.rows.clear();
  ahead.used = 0;
  if (ahead.window == 0) return {};
  PENSTOCK_TRY(lookup.in->rows().list_from(value_, ahead.window, arena_, ahead.rows));
  if (ahead.rows.size() < ahead.window) return {};
  // The last value may have more rows than were read.
  const std::string_view last = ahead.rows.back().join;
  while (!ahead.rows.empty() && ahead.rows.back().join == last) ahead.rows.pop_back();
  if (ahead.rows.empty()) ahead.window = std::min(2 * ahead.window, kMost);
  return {};
}

Status Assembler::look_ahead(const Lookup& lookup, std::vector<MirrorRow>& rows) {
  Ahead& ahead = ahead_[&lookup];
  if (!ahead.covers(value_)) {
    PENSTOCK_TRY(read_ahead(lookup, ahead));
    if (ahead.rows.empty()) return lookup.in->list(lookup.path, value_, arena_, rows);
    ahead.from = value_;
    ahead.to = ahead.rows.back().join;
  }
  auto found =
      std::lower_bound(ahead.rows.begin(), ahead.rows.end(), value_,
                       [](const JoinedRow& row, const std::string& value) { return row.join < value; });
  for (; found != ahead.rows.end() && found->join == value_; ++found, ++ahead.used) {
    PENSTOCK_ASSIGN(const Value* values, lookup.in->decode(found->row.payload, arena_));
    rows.push_back({found->row.key, values});
  }
  return {};
}

// By `order_by`; ties by key, in whose order the rows come.
Status Assembler::sort(const Node& child, std::vector<TreeRow*>& rows) {
  if (child.order.empty() || rows.size() < 2) return {};
  struct Keyed {
    TreeRow* row;
    const Value* by;
  };
  std::vector<Keyed> keyed;
  keyed.reserve(rows.size());
  for (TreeRow* row : rows) {
    auto* by = arena_.array<Value>(child.order.size());
    for (std::size_t i = 0; i < child.order.size(); ++i) {
      auto value = child.order[i].by.evaluate(*row, arena_);
      if (!value) return fail(at_field(value.error(), child, "order_by"));
      by[i] = *value;
    }
    keyed.push_back({row, by});
  }
  const auto before = [&](const Keyed& a, const Keyed& b) {
    for (std::size_t i = 0; i < child.order.size(); ++i) {
      const Node::Order& order = child.order[i];
      const bool a_null = a.by[i].is_null() || a.by[i].is_unchanged();
      const bool b_null = b.by[i].is_null() || b.by[i].is_unchanged();
      if (a_null != b_null) return a_null == order.nulls_first;
      const int compared = a_null ? 0 : expression::compare(a.by[i], b.by[i]);
      if (compared != 0) return (compared < 0) != order.descending;
    }
    return false;
  };
  std::stable_sort(keyed.begin(), keyed.end(), before);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = keyed[i].row;
  return {};
}

}  // namespace penstock
