// What the stream brought of one table while chunks of it are being read.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>
#include <vector>

#include "model/arena.h"
#include "model/event_batch.h"
#include "model/table_schema.h"

namespace penstock::postgres {

struct RowChange {
  EventKind kind = EventKind::kUpdate;  // kInsert, kUpdate, kDelete or kTruncate
  bool whole = false;     // every column of the row is known: the stream's write is the whole document
  std::uint32_t xid = 0;  // 0 until its transaction's COMMIT has come
  std::string_view key;   // of the row after the change; of the deleted row
  std::string_view previous_key;  // where an update changed the key; else empty
  const Value* values = nullptr;  // the row in the order of the loaded table's columns; null for a whole row
                                  // unless values are kept
};

// Changes are numbered from 0 on and kept from the oldest one that an open window needs. The stream's thread
// only.
class ChangeLog {
 public:
  // `schema`: the table as it is loaded. Keys and values are in its terms.
  explicit ChangeLog(const TableSchema& schema) : schema_(schema) {}

  // From now on the values of whole rows are kept as well: rows read by key are compared with them.
  void keep_values(bool keep) { keep_values_ = keep; }

  // Copies what is needed. False when the event's columns cannot be those of the loaded table: it was
  // altered.
  [[nodiscard]] bool note(const Event& event);
  // The changes noted since the last call belong to this transaction.
  void commit(std::uint32_t xid);

  std::uint64_t end() const { return first_ + count_; }
  // Forgets what lies before `number`.
  void trim(std::uint64_t number);
  // The changes [from, to), in order.
  void visit(std::uint64_t from, std::uint64_t to,
             const std::function<void(const RowChange&)>& visitor) const;
  std::size_t bytes() const;

 private:
  struct Segment {
    Arena arena;
    std::deque<RowChange> changes;
  };
  RowChange& append();
  bool map_columns(const TableSchema& sent);
  std::string_view key_of_row(const Value* first, const Value* second);

  const TableSchema& schema_;
  std::deque<Segment> segments_;
  bool keep_values_ = false;
  std::uint64_t first_ = 0;             // number of the first change held
  std::uint64_t count_ = 0;             // changes held
  std::uint64_t uncommitted_ = 0;       // changes at the end without xid
  std::vector<std::uint16_t> columns_;  // where the last event's schema holds each column of schema_
};

}  // namespace penstock::postgres
