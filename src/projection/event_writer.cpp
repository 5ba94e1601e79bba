#include "projection/event_writer.h"

#include <algorithm>
#include <array>

namespace penstock {
namespace {

constexpr std::array<std::string_view, 3> kChangeNames = {"inserted", "updated", "deleted"};

bool any_unchanged(const std::vector<std::uint16_t>& columns, const Value* row) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](std::uint16_t column) { return row[column].is_unchanged(); });
}

enum class Identity { kSame, kOther, kUnknown };

// `before` holds what PostgreSQL sent of the old row; nothing of the id in it means that the id is as it was.
Identity compare_id(const std::vector<std::uint16_t>& columns, const Value* before, const Value* after) {
  bool differs = false;
  bool missing = false;
  for (const std::uint16_t column : columns) {
    if (before[column].is_unchanged()) {
      missing = true;
    } else if (!same_value(before[column], after[column])) {
      differs = true;
    }
  }
  if (!differs) return Identity::kSame;
  return missing ? Identity::kUnknown : Identity::kOther;
}

}  // namespace

EventWriter::EventWriter(const EventBatch& batch, WriteGroup& group) : batch_(batch), group_(group) {}

void EventWriter::take(const Event& event) {
  event_ = &event;
  after_ = event.after;
  row_has_unchanged_ = false;
  if (after_ == nullptr) return;
  const std::size_t count = event.schema->columns.size();
  bool fillable = false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!after_[i].is_unchanged()) continue;
    row_has_unchanged_ = true;
    fillable = fillable || (event.before != nullptr && !event.before[i].is_unchanged());
  }
  if (!fillable) return;
  auto* row = group_.arena.array<Value>(count);
  row_has_unchanged_ = false;
  for (std::size_t i = 0; i < count; ++i) {
    row[i] = after_[i].is_unchanged() ? event.before[i] : after_[i];
    row_has_unchanged_ = row_has_unchanged_ || row[i].is_unchanged();
  }
  after_ = row;
}

Status EventWriter::write(const CollectionPlan& plan) {
  switch (event_->kind) {
    case EventKind::kInsert:
      return insert_or_replace(plan, WriteKind::kInsert, Change::kInserted);
    case EventKind::kLoad: {
      const bool by_key = batch_.chunk && batch_.chunk->by_key;
      return by_key ? insert_or_replace(plan, WriteKind::kReplace, Change::kUpdated)
                    : insert_or_replace(plan, WriteKind::kInsert, Change::kInserted);
    }
    case EventKind::kUpdate:
      return update(plan);
    case EventKind::kDelete:
      return remove(plan);
    case EventKind::kAbsent:
      // A key of another collection of this table.
      return any_unchanged(plan.id_columns, event_->before) ? Status() : remove(plan);
    case EventKind::kTruncate:
      clear(plan);
      return {};
    case EventKind::kMessage:
    case EventKind::kCommit:
    case EventKind::kProgress:
      break;
  }
  return {};
}

DocumentWrite& EventWriter::add(const CollectionPlan& plan, WriteKind kind, const Value* row) {
  DocumentWrite& write = group_.writes.emplace_back();
  write.kind = kind;
  write.shape = &plan.shape;
  write.schema = event_->schema;
  write.row = row;
  write.position = event_->position;
  if (row != nullptr) write.id = id(plan, row);
  return write;
}

Status EventWriter::insert_or_replace(const CollectionPlan& plan, WriteKind whole, Change change) {
  if (row_has_unchanged_ && any_unchanged(plan.id_columns, after_)) return refuse_identity(plan);
  const WriteKind kind = shows_unchanged(plan) ? WriteKind::kPatch : whole;
  add(plan, kind, after_).fields = fields(plan, change);
  return {};
}

Status EventWriter::update(const CollectionPlan& plan) {
  if (event_->before == nullptr) return insert_or_replace(plan, WriteKind::kReplace, Change::kUpdated);
  if (row_has_unchanged_ && any_unchanged(plan.id_columns, after_)) return refuse_identity(plan);
  switch (compare_id(plan.id_columns, event_->before, after_)) {
    case Identity::kSame:
      return insert_or_replace(plan, WriteKind::kReplace, Change::kUpdated);
    case Identity::kOther:
      return move(plan, shows_unchanged(plan));
    case Identity::kUnknown:
      break;
  }
  return refuse_identity(plan);
}

Status EventWriter::move(const CollectionPlan& plan, bool unchanged) {
  if (unchanged) {
    DocumentWrite& carry = add(plan, WriteKind::kCarry, after_);
    carry.previous_id = id(plan, event_->before);
    carry.soft = plan.shape.soft_deletes;
    carry.fields = fields(plan, Change::kUpdated);
    return {};
  }
  PENSTOCK_TRY(remove(plan));
  add(plan, WriteKind::kInsert, after_).fields = fields(plan, Change::kUpdated);
  return {};
}

Status EventWriter::remove(const CollectionPlan& plan) {
  if (event_->before == nullptr || any_unchanged(plan.id_columns, event_->before))
    return refuse_identity(plan);
  const bool soft = plan.shape.soft_deletes;
  DocumentWrite& write = add(plan, soft ? WriteKind::kSoftDelete : WriteKind::kDelete, event_->before);
  write.soft = soft;
  if (soft) write.fields = deletion_fields(plan);
  return {};
}

void EventWriter::clear(const CollectionPlan& plan) {
  DocumentWrite& write = add(plan, WriteKind::kClear, nullptr);
  write.soft = plan.shape.soft_deletes;
  if (write.soft) write.fields = deletion_fields(plan);
}

const Value* EventWriter::fields(const CollectionPlan& plan, Change change) {
  if (plan.fields_are_row) return after_;
  auto* values = group_.arena.array<Value>(plan.shape.fields.size());
  for (std::size_t i = 0; i < plan.field_columns.size(); ++i) values[i] = after_[plan.field_columns[i]];
  put_metadata(plan, change, values);
  return values;
}

const Value* EventWriter::deletion_fields(const CollectionPlan& plan) {
  const std::size_t count = plan.shape.fields.size();
  auto* values = group_.arena.array<Value>(count);
  std::fill_n(values, count, Value(Unchanged{}));
  put_metadata(plan, Change::kDeleted, values);
  return values;
}

const Value* EventWriter::id(const CollectionPlan& plan, const Value* row) {
  if (plan.id_is_slice) return row + plan.id_columns.front();
  auto* values = group_.arena.array<Value>(plan.id_columns.size());
  for (std::size_t i = 0; i < plan.id_columns.size(); ++i) values[i] = row[plan.id_columns[i]];
  return values;
}

void EventWriter::put_metadata(const CollectionPlan& plan, Change change, Value* fields) {
  if (plan.shape.change_field >= 0) {
    fields[plan.shape.change_field] = Text{kChangeNames[static_cast<std::size_t>(change)]};
  }
  if (plan.shape.time_field >= 0) fields[plan.shape.time_field] = Timestamp{event_->commit_micros, {}, true};
}

bool EventWriter::shows_unchanged(const CollectionPlan& plan) const {
  return row_has_unchanged_ && any_unchanged(plan.field_columns, after_);
}

Status EventWriter::refuse_identity(const CollectionPlan& plan) const {
  const TableSchema& schema = *event_->schema;
  std::string columns;
  for (const std::string& column : plan.shape.id_columns) columns += (columns.empty() ? "" : ", ") + column;
  return fail(ErrorKind::kConfiguration,
              "table " + to_string(schema.table) + ", LSN " + to_string(event_->position.commit_lsn) +
                  ": PostgreSQL did not send the key (" + columns +
                  ") of a row that was changed or deleted, which the `_id` of "
                  "collection " +
                  plan.shape.collection + " needs: the table's replica identity does not cover it",
              "ALTER TABLE " + quoted(schema.table) +
                  " REPLICA IDENTITY USING INDEX <a unique index on these columns>; "
                  "or ALTER TABLE " +
                  quoted(schema.table) + " REPLICA IDENTITY FULL; then penstock resync --table " +
                  to_string(schema.table));
}

}  // namespace penstock
