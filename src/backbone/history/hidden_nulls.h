// NULL in an update where Debezium has no placeholder for a value that PostgreSQL did not send
// (hidden_values.h), told apart by the records that came before.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>

#include "backbone/hidden_values.h"
#include "model/event_batch.h"

namespace penstock::backbone {

// One thread. Remembers rows of which such a column had a value that may have been out of line.
class HiddenNulls {
 public:
  explicit HiddenNulls(envelope::BinaryMode binary) : values_(binary, nullptr) {}

  // Each event that belongs, in order. `leaves_out`: it is an update, or a row with a new key.
  void take(const Event& event, bool leaves_out);
  // "column c of the row (1) of public.t"; nothing: every NULL is one.
  std::optional<std::string> doubtful() const;

 private:
  void take_row(const Event& event, const std::string& row, bool leaves_out);
  void forget(const TableSchema& schema, const std::string& row);

  const HiddenValues values_;
  std::unordered_set<std::string> large_;      // column and row
  std::unordered_set<std::string> had_large_;  // column and table
  std::unordered_set<std::string> doubtful_;
};

}  // namespace penstock::backbone
