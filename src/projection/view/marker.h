// A changed row to the documents that show it.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "projection/view/collections.h"
#include "projection/view/fan_out.h"

namespace penstock {

// A change of one row, in mirror columns. Without `before` it is new, without `after` gone; with both the key
// is the same.
struct RowChange {
  std::string_view key;
  const Value* before = nullptr;
  const Value* after = nullptr;
  bool inserted = false;  // by an INSERT or a load, not by a change of its key
  Cause cause;
};

struct FanOutLimits {
  std::size_t walk = 2000;    // more root rows than this for one row's change: a task
  std::size_t marks = 20000;  // and all the sooner, the more is marked already
  // Whoever marks does not see the rows on the way: each change is a task, but for those of rows that name
  // their root row.
  bool always = false;
};

// One thread.
class Marker {
 public:
  Marker(Collections& collections, FanOut& fan_out, FanOutLimits limits)
      : collections_(collections), fan_out_(fan_out), limits_(limits) {}

  // With the state as it was before the change, and as it is after.
  Status before(const MirroredTable& table, const RowChange& change);
  Status after(const MirroredTable& table, const RowChange& change);
  // The documents that show this row are made anew, whether or not it has changed; it is as it is in the
  // state.
  Status touch(const MirroredTable& table, std::string_view key, const Value* row, const Cause& cause);
  // A row that PostgreSQL does not have, nor the state: a document of it must not stay.
  Status missing(const MirroredTable& table, std::string_view key, const Value* row, const Cause& cause);
  // All rows of a table are about to go.
  Status truncated(const MirroredTable& table, const Cause& cause);
  std::size_t marks() const;

 private:
  bool concerns(const MirroredTable::Use& use, const RowChange& change) const;
  bool same_way(const Appearance& appearance, const RowChange& change) const;
  void compare(const MirroredTable& table, const RowChange& change);
  bool hidden(const Tree& tree, const Value* row, std::string_view key);
  Status mark_root(Collection& collection, const RowChange& change);
  Status note_stale(Collection& collection, const Value* row, std::string_view key, Mark& mark);
  Status walk(const MirroredTable::Use& use, const Value* row, const Cause& cause);
  Status walk_later(const MirroredTable::Use& use, const std::string& start, const Cause& cause);
  Status add_task(const MirroredTable::Use& use, const std::string& start, const Cause& cause);
  Status whole(Collection& collection, const Cause& cause);

  Collections& collections_;
  FanOut& fan_out_;
  const FanOutLimits limits_;
  std::vector<bool> changed_;  // columns of the change at hand
  std::string left_, right_;
  Arena arena_;
};

// The `_id` as bytes; equal for equal ones.
Result<std::string> encoded_id(const Tree& tree, const Value* row, std::string_view key, Arena& arena);

}  // namespace penstock
