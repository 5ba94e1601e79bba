// Root rows whose documents must be made anew.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "projection/view/summary.h"

namespace penstock {

struct Mark {
  Cause cause;  // the newest event
  Lsn since;    // the oldest
  // What the group did to the root row itself.
  bool root_changed = false;
  bool in_sink_before = false;     // when root_changed: a document may have been there before the group
  bool created = false;            // when root_changed: there was no root row before the group
  Lsn inserted_at;                 // commit of the event that inserted the row; not set: none did
  bool maybe_shown = false;        // nothing of this is known: the document may be there
  std::vector<std::string> stale;  // `_id`s, encoded, under which a document may stand that is no longer true

  std::string text() const;
  static Mark from(std::string_view text);
};

// Of one collection, in the order in which they were first made.
class Marks {
 public:
  struct Entry {
    std::string key;
    Mark mark;
  };
  // The mark of the key; made when there is none.
  Mark& add(std::string_view key, const Cause& cause);
  std::size_t size() const { return order_.size(); }
  bool empty() const { return order_.empty(); }
  void clear();
  // All of them; there are none afterwards.
  std::vector<Entry> take();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
  };
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> places_;
  std::vector<Entry> order_;
};

}  // namespace penstock
