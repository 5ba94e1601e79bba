// Events to changes of mirrored rows.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/document_write.h"
#include "model/event_batch.h"
#include "projection/view/collections.h"
#include "projection/view/marker.h"

namespace penstock {

// One thread. Writes rows to the mirrors and tells the marker of each change.
class RowChanges {
 public:
  RowChanges(Collections& collections, Marker& marker) : collections_(collections), marker_(marker) {}

  // The table of the event; null: no read model uses it. Known until forget_schemas().
  MirroredTable* table_of(const EventBatch& batch, const TableSchema& schema);
  void forget_schemas() { schemas_.clear(); }
  // Whether the event's table has columns that the mirror's definition does not know.
  bool shape_is_new(const TableSchema& schema) const;

  // kInsert, kUpdate, kDelete, kLoad, kAbsent. An update whose row cannot be made whole asks to read it
  // again, where `rereads` is given. kConfiguration: PostgreSQL did not send the key.
  Status apply(const EventBatch& batch, const Event& event, std::vector<Reread>* rereads);
  // Rows of a load that no collection follows yet, several at less cost. Returns how many events it took; 0:
  // the first is apply()'s.
  Result<std::size_t> put_loaded(const EventBatch& batch, std::size_t first, std::size_t last);
  // The newest position of the stream that was seen: rows of chunks bring none of their own.
  const Position& now() const { return now_; }
  void set_now(const Position& position) { now_ = position; }
  // A row that a load did not find.
  Status remove(MirroredTable& table, const MirrorRow& row, const Cause& cause);

 private:
  struct Known {
    std::shared_ptr<const TableSchema> schema;
    MirroredTable* table = nullptr;
    std::vector<int> columns;  // for each of the mirror's columns the event's, or -1
  };
  const Known& known(const EventBatch& batch, const TableSchema& schema);
  Cause cause_of(const Event& event) const;
  Known make_known(const TableSchema& schema) const;

  Status put(const Known& known, const Event& event);
  Status update(const Known& known, const Event& event, std::vector<Reread>* rereads);
  Status erase(const Known& known, const Event& event);
  Value* picked(const Known& known, const Value* row);
  Result<bool> old_key(const Known& known, const Event& event, const Value* after, std::string& key);
  bool resolve(const Known& known, const Event& event, const Value* old, Value* row) const;
  Status store(MirroredTable& table, std::string_view key, const Value* after, bool inserted,
               const Cause& cause);
  Status overwrite(MirroredTable& table, std::string_view key, const StoredRow& stored, const Value* after,
                   bool inserted, const Cause& cause);
  Status replace(MirroredTable& table, std::string_view key, const Value* before, const Value* after,
                 bool inserted, const Cause& cause);
  Status drop(MirroredTable& table, std::string_view key, const Value* before, const Cause& cause);
  tl::unexpected<Error> refuse_identity(const MirroredTable& table, const Event& event) const;

  Collections& collections_;
  Marker& marker_;
  std::unordered_map<const TableSchema*, Known> schemas_;
  Known unkept_;
  Position now_{Lsn{1}, 0, Lsn{1}};
  bool by_key_ = false;  // the event is a row of a by-key chunk
  Arena arena_;          // of the event at hand
  std::string key_, old_key_, payload_;
  RowTable::Joins joins_, old_joins_;
  RowTable::NewRows new_rows_;
};

}  // namespace penstock
