#include "projection/view/row_changes.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr std::size_t kScratchBytes = 1U << 20;
constexpr std::size_t kMaxKnown = 256;

Reread reread_of(const Mirror& mirror, const Value* row, const Event& event) {
  Reread reread;
  reread.table = mirror.name();
  for (const std::uint16_t column : mirror.key()) {
    reread.columns.push_back(mirror.columns()[column].name);
    reread.key.push_back(to_text(row[column]));
  }
  reread.since = event.position.commit_lsn;
  return reread;
}

}  // namespace

Cause RowChanges::cause_of(const Event& event) const {
  return {event.position.commit_lsn.is_set() ? event.position : now_, event.commit_micros};
}

RowChanges::Known RowChanges::make_known(const TableSchema& schema) const {
  Known known;
  known.table = collections_.table(to_string(schema.table));
  if (known.table == nullptr) return known;
  for (const Mirror::Column& column : known.table->mirror->columns()) {
    const auto place = schema.find(column.name);
    known.columns.push_back(place ? static_cast<int>(*place) : -1);
  }
  return known;
}

const RowChanges::Known& RowChanges::known(const EventBatch& batch, const TableSchema& schema) {
  if (const auto found = schemas_.find(&schema); found != schemas_.end()) return found->second;
  const auto owner = std::find_if(batch.schemas.begin(), batch.schemas.end(),
                                  [&](const auto& held) { return held.get() == &schema; });
  Known known = make_known(schema);
  if (owner == batch.schemas.end()) {
    unkept_ = std::move(known);
    return unkept_;
  }
  known.schema = *owner;  // held so that its address cannot come to mean another one
  if (schemas_.size() >= kMaxKnown) schemas_.clear();
  return schemas_[&schema] = std::move(known);
}

MirroredTable* RowChanges::table_of(const EventBatch& batch, const TableSchema& schema) {
  return known(batch, schema).table;
}

bool RowChanges::shape_is_new(const TableSchema& schema) const {
  if (schemas_.contains(&schema)) return false;
  const MirroredTable* table = collections_.table(to_string(schema.table));
  return table != nullptr &&
         std::any_of(schema.columns.begin(), schema.columns.end(),
                     [&](const Column& column) { return !table->schema.find(column.name); });
}

Status RowChanges::apply(const EventBatch& batch, const Event& event, std::vector<Reread>* rereads) {
  if (arena_.bytes() > kScratchBytes) arena_ = Arena();
  if (event.position.commit_lsn.is_set()) now_ = event.position;
  const Known& known = this->known(batch, *event.schema);
  if (known.table == nullptr) return {};
  switch (event.kind) {
    case EventKind::kInsert:
    case EventKind::kLoad:
      by_key_ = batch.chunk && batch.chunk->by_key;
      return put(known, event);
    case EventKind::kUpdate:
      by_key_ = false;
      return update(known, event, rereads);
    case EventKind::kDelete:
    case EventKind::kAbsent:
      return erase(known, event);
    case EventKind::kTruncate:
    case EventKind::kMessage:
    case EventKind::kCommit:
    case EventKind::kProgress:
      break;
  }
  return {};
}

Result<std::size_t> RowChanges::put_loaded(const EventBatch& batch, std::size_t first, std::size_t last) {
  constexpr std::size_t kMany = RowTable::kMany;
  if (!batch.chunk || batch.chunk->by_key || last - first < kMany) return 0;
  const TableSchema* schema = batch.events[first].schema;
  const Known& known = this->known(batch, *schema);
  if (known.table == nullptr || known.table->followed()) return 0;
  if (arena_.bytes() > kScratchBytes) arena_ = Arena();
  Mirror& mirror = *known.table->mirror;
  for (std::size_t i = 0; i < kMany; ++i) {
    const Event& event = batch.events[first + i];
    if (event.kind != EventKind::kLoad || event.schema != schema || event.before != nullptr) return 0;
    const Value* row = picked(known, event.after);
    if (!mirror.key_of(row, new_rows_[i].key)) return refuse_identity(*known.table, event);
    mirror.encode(row, new_rows_[i].payload);
    mirror.joins_of(row, new_rows_[i].joins);
  }
  const auto mark = static_cast<std::int64_t>(mirror.record().load_id);
  PENSTOCK_ASSIGN(const bool all_new, mirror.rows().insert_many(new_rows_, mark));
  by_key_ = false;
  // A row that is there may be another one: each is looked at.
  for (std::size_t i = 0; !all_new && i < kMany; ++i) PENSTOCK_TRY(put(known, batch.events[first + i]));
  return kMany;
}

Value* RowChanges::picked(const Known& known, const Value* row) {
  auto* values = arena_.array<Value>(known.columns.size());
  for (std::size_t i = 0; i < known.columns.size(); ++i)
    values[i] = known.columns[i] >= 0 ? row[known.columns[i]] : Value(Unchanged{});
  return values;
}

tl::unexpected<Error> RowChanges::refuse_identity(const MirroredTable& table, const Event& event) const {
  const Mirror& mirror = *table.mirror;
  std::string columns;
  for (const std::uint16_t column : mirror.key())
    columns += (columns.empty() ? "" : ", ") + mirror.columns()[column].name;
  return fail(
      ErrorKind::kConfiguration,
      "table " + mirror.name() + ", LSN " + to_string(event.position.commit_lsn) +
          ": PostgreSQL did not send the key (" + columns +
          ") of a row that was changed or deleted, which read models need: the table's replica identity "
          "does not cover it",
      "ALTER TABLE " + quoted(mirror.table()) +
          " REPLICA IDENTITY USING INDEX <a unique index on these columns>; or ALTER TABLE " +
          quoted(mirror.table()) + " REPLICA IDENTITY FULL; then penstock resync --table " + mirror.name());
}

// A whole row, which may be there already.
Status RowChanges::put(const Known& known, const Event& event) {
  MirroredTable& table = *known.table;
  Mirror& mirror = *table.mirror;
  Value* row = picked(known, event.after);
  if (event.before != nullptr) resolve(known, event, nullptr, row);
  if (!mirror.key_of(row, key_)) return refuse_identity(table, event);
  const RowChange change{key_, nullptr, row, true, cause_of(event)};
  mirror.encode(row, payload_);
  mirror.joins_of(row, joins_);
  PENSTOCK_ASSIGN(const bool fresh, mirror.rows().insert(key_, joins_, payload_,
                                                         static_cast<std::int64_t>(mirror.record().load_id)));
  if (fresh) {
    PENSTOCK_TRY(marker_.before(table, change));
    return marker_.after(table, change);
  }
  PENSTOCK_ASSIGN(const auto stored, mirror.rows().find(key_, arena_));
  if (!stored) return fail(ErrorKind::kInternal, "a row of " + mirror.name() + " is there and is not");
  return overwrite(table, key_, *stored, row, true, cause_of(event));
}

// The row as it was is known by its bytes: where they are the same, nothing has changed.
Status RowChanges::overwrite(MirroredTable& table, std::string_view key, const StoredRow& stored,
                             const Value* after, bool inserted, const Cause& cause) {
  Mirror& mirror = *table.mirror;
  const auto mark = static_cast<std::int64_t>(mirror.record().load_id);
  mirror.encode(after, payload_);
  if (payload_ == stored.payload) {
    // Somebody asked for the row: its documents are to be right, whatever became of them.
    if (by_key_) PENSTOCK_TRY(marker_.touch(table, key, after, cause));
    if (stored.mark == mark) return {};
    mirror.joins_of(after, joins_);
    return mirror.rows().replace(key, joins_, joins_, payload_, mark);
  }
  PENSTOCK_ASSIGN(const Value* before, mirror.decode(stored.payload, arena_));
  PENSTOCK_TRY(replace(table, key, before, after, inserted, cause));
  return by_key_ ? marker_.touch(table, key, after, cause) : Status();
}

Status RowChanges::replace(MirroredTable& table, std::string_view key, const Value* before,
                           const Value* after, bool inserted, const Cause& cause) {
  Mirror& mirror = *table.mirror;
  const RowChange change{key, before, after, inserted, cause};
  PENSTOCK_TRY(marker_.before(table, change));
  mirror.encode(after, payload_);
  mirror.joins_of(before, old_joins_);
  mirror.joins_of(after, joins_);
  PENSTOCK_TRY(mirror.rows().replace(key, old_joins_, joins_, payload_,
                                     static_cast<std::int64_t>(mirror.record().load_id)));
  return marker_.after(table, change);
}

Status RowChanges::drop(MirroredTable& table, std::string_view key, const Value* before, const Cause& cause) {
  const RowChange change{key, before, nullptr, false, cause};
  PENSTOCK_TRY(marker_.before(table, change));
  table.mirror->joins_of(before, old_joins_);
  return table.mirror->rows().erase(key, old_joins_);
}

Status RowChanges::remove(MirroredTable& table, const MirrorRow& row, const Cause& cause) {
  return drop(table, row.key, row.values, cause);
}

// The key of the row as it was. False: nothing of it was sent, so that it is as it is now.
Result<bool> RowChanges::old_key(const Known& known, const Event& event, const Value* after,
                                 std::string& key) {
  if (event.before == nullptr) return false;
  const Mirror& mirror = *known.table->mirror;
  Value* before = picked(known, event.before);
  bool sent = false;
  for (const std::uint16_t column : mirror.key()) {
    if (before[column].is_unchanged()) {
      before[column] = after[column];
    } else {
      sent = true;
    }
  }
  if (!sent) return false;
  if (!mirror.key_of(before, key)) return refuse_identity(*known.table, event);
  return true;
}

// What was not sent is as it was. False: it is not known how it was.
bool RowChanges::resolve(const Known& known, const Event& event, const Value* old, Value* row) const {
  bool whole = true;
  for (std::size_t i = 0; i < known.columns.size(); ++i) {
    if (!row[i].is_unchanged()) continue;
    const int sent = known.columns[i];
    if (sent >= 0 && event.before != nullptr && !event.before[sent].is_unchanged()) {
      row[i] = event.before[sent];
    } else if (old != nullptr) {
      row[i] = old[i];
    } else if (sent >= 0) {
      whole = false;
    }
  }
  return whole;
}

Status RowChanges::update(const Known& known, const Event& event, std::vector<Reread>* rereads) {
  MirroredTable& table = *known.table;
  Mirror& mirror = *table.mirror;
  Value* row = picked(known, event.after);
  PENSTOCK_ASSIGN(const bool old_sent, old_key(known, event, row, old_key_));
  // A key column may itself be too long to be sent again.
  for (const std::uint16_t column : mirror.key()) {
    const int sent = known.columns[column];
    if (row[column].is_unchanged() && sent >= 0 && event.before != nullptr) row[column] = event.before[sent];
  }
  if (!mirror.key_of(row, key_)) return refuse_identity(table, event);
  if (!old_sent) old_key_ = key_;
  PENSTOCK_ASSIGN(const auto old, mirror.rows().find(old_key_, arena_));
  const Value* before = nullptr;
  if (old) {
    PENSTOCK_ASSIGN(before, mirror.decode(old->payload, arena_));
  }
  if (!resolve(known, event, before, row)) {
    // Its chunk has not been read yet, or it moved into one that has: it stays away until it is known whole.
    if (rereads != nullptr) rereads->push_back(reread_of(mirror, row, event));
    return {};
  }
  if (key_ == old_key_) {
    if (old) return overwrite(table, key_, *old, row, false, cause_of(event));
    return store(table, key_, row, false, cause_of(event));
  }
  if (old) PENSTOCK_TRY(drop(table, old_key_, before, cause_of(event)));
  PENSTOCK_ASSIGN(const auto there, mirror.rows().find(key_, arena_));
  if (there) return overwrite(table, key_, *there, row, false, cause_of(event));
  return store(table, key_, row, false, cause_of(event));
}

Status RowChanges::store(MirroredTable& table, std::string_view key, const Value* after, bool inserted,
                         const Cause& cause) {
  Mirror& mirror = *table.mirror;
  const RowChange change{key, nullptr, after, inserted, cause};
  PENSTOCK_TRY(marker_.before(table, change));
  mirror.encode(after, payload_);
  mirror.joins_of(after, joins_);
  PENSTOCK_TRY(
      mirror.rows().insert(key, joins_, payload_, static_cast<std::int64_t>(mirror.record().load_id)));
  return marker_.after(table, change);
}

Status RowChanges::erase(const Known& known, const Event& event) {
  MirroredTable& table = *known.table;
  if (event.before == nullptr) return refuse_identity(table, event);
  const Value* row = picked(known, event.before);
  if (!table.mirror->key_of(row, key_)) {
    // A key of another definition of this table.
    return event.kind == EventKind::kAbsent ? Status() : Status(refuse_identity(table, event));
  }
  PENSTOCK_ASSIGN(const MirrorRow old, table.mirror->find(key_, arena_));
  if (old.values != nullptr) return drop(table, key_, old.values, cause_of(event));
  return event.kind == EventKind::kAbsent ? marker_.missing(table, key_, row, cause_of(event)) : Status();
}

}  // namespace penstock
