// Marked root rows that did not fit into their group: kept in the state until a step makes their documents.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/lsn.h"
#include "projection/state/ordered_map.h"
#include "projection/view/marks.h"

namespace penstock {

// First in, first out, across collections. One thread.
class DueQueue {
 public:
  struct Entry {
    std::string collection;
    std::string key;
    Mark mark;
  };
  Status open(OrderedMaps& maps);
  // One that is there already stays in its place and takes the new mark's cause and stale `_id`s as well.
  Status add(const std::string& collection, std::string_view key, const Mark& mark);
  // Written meanwhile. Returns what had been due.
  Result<std::optional<Mark>> remove(const std::string& collection, std::string_view key);
  // The oldest, which are taken out.
  Status take(std::size_t limit, std::vector<Entry>& entries);
  // The oldest of one collection.
  Status take_of(const std::string& collection, std::size_t limit, std::vector<Entry>& entries);
  Status drop(const std::string& collection);
  bool empty() const { return size_ == 0; }
  std::optional<Lsn> oldest() const;

 private:
  Status take_where(const std::string* collection, std::size_t limit, std::vector<Entry>& entries);
  Status erase(std::string_view number);
  Status look_at_first();

  std::unique_ptr<OrderedMap> entries_;  // number -> collection, key, mark
  std::unique_ptr<OrderedMap> places_;   // collection, key -> number
  std::size_t size_ = 0;
  std::int64_t last_ = 0;
  Lsn first_;  // of the oldest entry
};

}  // namespace penstock
