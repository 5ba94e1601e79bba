// The kept state in maps, as the groups of many writers make it.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/kept_state.h"
#include "unit/projection/view/document_store.h"

namespace penstock::test {

class KeptStore final : public KeptState {
 public:
  static constexpr const char* kPipeline = "shop";

  // What is kept, and the documents.
  void apply(const WriteGroup& group, DocumentStore& documents) {
    WriteGroup rest;
    for (const DocumentWrite& write : group.writes)
      if (!take(write)) rest.writes.push_back(write);
    for (const RejectedDocument& one : group.rejected) rest.rejected.push_back(one);
    for (const Reread& one : group.rereads) rest.rereads.push_back(one);
    documents.apply(rest);
  }

  std::vector<std::string> lanes() const {
    std::vector<std::string> lanes;
    for (const auto& [id, mark] : marks_) lanes.push_back(mark.lane);
    std::sort(lanes.begin(), lanes.end());
    lanes.erase(std::unique(lanes.begin(), lanes.end()), lanes.end());
    return lanes;
  }

  Result<std::vector<KeptRow>> rows(const std::string& table, const std::vector<std::string>& keys) override {
    std::vector<KeptRow> found;
    for (const std::string& key : keys)
      if (const auto row = rows_[table].find(key); row != rows_[table].end())
        found.push_back(row->second.row);
    return answer(std::move(found));
  }
  Result<std::vector<KeptRow>> joined(const std::string& table, std::size_t index,
                                      const std::vector<std::string>& values) override {
    std::vector<KeptRow> found;
    for (const auto& [key, row] : rows_[table])
      if (index < row.joins.size() &&
          std::find(values.begin(), values.end(), row.joins[index]) != values.end())
        found.push_back(row.row);
    return answer(std::move(found));
  }
  // In MongoDB's order of binary data: by length first.
  Result<std::vector<KeptRow>> page(const KeptPage& page) override {
    std::map<std::pair<std::size_t, std::string>, const Row*> meant;
    for (const auto& [key, row] : rows_[page.table]) {
      const bool is_meant = page.index
                                ? *page.index < row.joins.size() && row.joins[*page.index] == page.value
                                : row.bucket == static_cast<std::int64_t>(page.bucket);
      if (is_meant) meant[{key.size(), key}] = &row;
    }
    std::vector<KeptRow> found;
    auto at = page.after ? meant.upper_bound({page.after->size(), *page.after}) : meant.begin();
    for (; at != meant.end() && found.size() < page.limit; ++at) {
      found.push_back(at->second->row);
      if (page.keys_only) found.back() = {at->first.second, 0, {}};
    }
    return answer(std::move(found));
  }
  Result<std::optional<std::string>> layout(std::uint64_t number) override {
    const auto found = layouts_.find(number);
    return found == layouts_.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::vector<KeptMark>> marks(const std::string& lane, std::size_t limit) override {
    const bool torn = meanwhile != nullptr;
    if (torn) std::exchange(meanwhile, nullptr)();
    std::vector<KeptMark> found;
    for (const auto& [id, mark] : marks_)
      if (mark.lane == lane && !(torn && mark.kind == KeptMark::Kind::kClear)) found.push_back(mark);
    std::stable_sort(found.begin(), found.end(), [](const KeptMark& a, const KeptMark& b) {
      return std::pair(b.kind, a.start) < std::pair(a.kind, b.start);
    });
    if (found.size() > limit) found.resize(limit);
    return found;
  }
  Result<KeptEntries> entries(const std::vector<std::string>& names) override {
    KeptEntries found;
    for (const std::string& name : names)
      if (const auto entry = entries_.find(name); entry != entries_.end()) found.push_back(*entry);
    return found;
  }
  Result<KeptEntries> range(const std::string& from, const std::string& to, bool backward,
                            std::size_t limit) override {
    KeptEntries found(entries_.lower_bound(from), entries_.lower_bound(to));
    if (backward) std::reverse(found.begin(), found.end());
    if (found.size() > limit) found.resize(limit);
    return found;
  }

  Result<std::vector<std::string>> names(const std::string& from, const std::string& to,
                                         std::size_t limit) override {
    std::vector<std::string> found;
    for (auto at = entries_.lower_bound(from); at != entries_.lower_bound(to) && found.size() < limit; ++at)
      found.push_back(at->first);
    return found;
  }

  std::size_t marks_count() const { return marks_.size(); }
  std::size_t entries_count() const { return entries_.size(); }
  std::size_t largest_answer = 0;  // bytes of rows
  // Called once, while the next marks are read: of what it leaves the find sees all but clears, as it has
  // passed their place.
  std::function<void()> meanwhile;

  void put_entry(const std::string& name, const std::string& value) { entries_[name] = value; }

 private:
  struct Row {
    KeptRow row;
    std::int64_t bucket = -1;
    std::vector<std::string> joins;
  };

  std::vector<KeptRow> answer(std::vector<KeptRow> rows) {
    std::size_t bytes = 0;
    for (const KeptRow& row : rows) bytes += row.values.size();
    largest_answer = std::max(largest_answer, bytes);
    return rows;
  }

  static std::string bytes(const Value& value) {
    if (const auto* text = value.get<Text>()) return std::string(text->text);
    const auto* bytes = value.get<Bytes>();
    return bytes == nullptr ? std::string() : std::string(bytes->bytes);
  }
  static std::int64_t number(const Value& value) {
    if (const auto* wide = value.get<std::int64_t>()) return *wide;
    const auto* narrow = value.get<std::int32_t>();
    return narrow == nullptr ? -1 : *narrow;
  }

  // False: it is no kept state.
  bool take(const DocumentWrite& write) {
    const std::string& name = write.shape->collection;
    const bool gone = write.kind == WriteKind::kDelete;
    const std::string prefix = kept::rows_prefix(kPipeline);
    if (name.starts_with(prefix)) {
      take_row(rows_[name.substr(prefix.size())], write);
    } else if (name == kept::kMarks) {
      if (gone) marks_.erase(bytes(*write.id));
      if (!gone) marks_[bytes(*write.id)] = mark_of(write);
    } else if (name == kept::kLayouts) {
      layouts_[static_cast<std::uint64_t>(number(*write.id))] = bytes(write.fields[0]);
    } else if (name == kept::kSummaries) {
      if (gone) entries_.erase(bytes(*write.id));
      if (!gone) entries_[bytes(*write.id)] = bytes(write.fields[0]);
    } else {
      return false;
    }
    return true;
  }

  static void take_row(std::map<std::string, Row>& table, const DocumentWrite& write) {
    if (write.kind == WriteKind::kClear) return table.clear();
    const std::string key = bytes(*write.id);
    table.erase(key);
    if (write.kind == WriteKind::kDelete) return;
    Row row;
    row.row = {key, static_cast<std::uint64_t>(number(write.fields[0])), bytes(write.fields[1])};
    row.bucket = number(write.fields[2]);
    for (std::size_t i = 3; i < write.shape->fields.size(); ++i) row.joins.push_back(bytes(write.fields[i]));
    table[key] = std::move(row);
  }

  static KeptMark mark_of(const DocumentWrite& write) {
    KeptMark mark;
    mark.id = bytes(*write.id);
    mark.lane = bytes(write.fields[1]);
    mark.collection = bytes(write.fields[2]);
    mark.kind = static_cast<KeptMark::Kind>(number(write.fields[3]));
    mark.number = static_cast<std::uint64_t>(number(write.fields[4]));
    mark.depth = static_cast<std::uint64_t>(number(write.fields[5]));
    mark.start = bytes(write.fields[6]);
    if (!write.fields[7].is_unchanged()) mark.after = bytes(write.fields[7]);
    mark.mark = bytes(write.fields[8]);
    return mark;
  }

  std::map<std::string, std::map<std::string, Row>> rows_;
  std::map<std::string, KeptMark> marks_;
  std::map<std::uint64_t, std::string> layouts_;
  std::map<std::string, std::string> entries_;
};

}  // namespace penstock::test
