// The way from a row to the root rows that show it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/arena.h"
#include "projection/view/tree.h"

namespace penstock {

// Goes up the hops of an appearance, in the order of keys at each, and can be gone on with later, also from
// its text after a restart: rows that came or went meanwhile are seen as they are. A root row may be named
// more than once.
class Walk {
 public:
  // From a row that is (or was) in the appearance's table. Appearances of the root itself have no hops and no
  // walk.
  Walk(const Appearance& appearance, const Value* row);
  // Gone on with from text(); false text: from nothing, at its end.
  Walk(const Appearance& appearance, std::string_view text);

  // What was looked up first; with the appearance it says where the walk began. Empty: nowhere.
  const std::string& start() const { return start_; }
  static Walk from(const Appearance& appearance, std::string start);

  // Appends up to `limit` keys of root rows (which need not exist). Fewer: that was all.
  Status next(std::size_t limit, Arena& arena, std::vector<std::string_view>& roots);
  bool done() const { return frames_.empty(); }
  std::string text() const;

 private:
  struct Frame {
    std::string value;                 // looked up
    std::optional<std::string> after;  // the last key that was followed
  };
  explicit Walk(const Appearance& appearance) : appearance_(&appearance) {}

  Status advance(std::size_t limit, Arena& arena, std::vector<std::string_view>& roots);
  Status follow(std::string_view key, Arena& arena);

  const Appearance* appearance_;
  std::string start_;
  std::vector<Frame> frames_;  // one for each hop on the way
};

}  // namespace penstock
