#include "projection/shared/shared_views.h"

#include <algorithm>

#include "projection/view/document_writer.h"

namespace penstock {
namespace {

// Of a row's key, values and join values: a document of MongoDB, less what is around them.
constexpr std::size_t kMostKept = std::size_t{16} * 1024 * 1024 - 4096;

Error too_large(const Mirror& mirror, const Value* columns, std::size_t bytes) {
  std::string key;
  for (const std::uint16_t column : mirror.key())
    key += (key.empty() ? "" : ", ") + mirror.columns()[column].name + " " + to_text(columns[column]);
  return make_error(
      ErrorKind::kRejectedDocument,
      mirror.name() + " (" + key + "): the read models would keep " + std::to_string(bytes) +
          " bytes of the row, and a document of MongoDB holds at most " + std::to_string(kMostKept),
      "leave large columns out of the read models that show " + mirror.name() +
          " (fields: in the pipeline file); `errors: dead_letter` does not park such a row, since "
          "documents would go on showing it as it was before");
}

}  // namespace

Result<std::unique_ptr<SharedViews>> SharedViews::make(std::vector<CollectionSpec> models,
                                                       const std::vector<TableSchema>& tables,
                                                       const SharedOptions& options, KeptState& kept) {
  std::unique_ptr<SharedViews> views(new SharedViews(options.pipeline));
  PENSTOCK_ASSIGN(views->scratch_, Scratch::make(std::move(models), tables, options, kept));
  PENSTOCK_TRY(views->fan_out_.open(views->scratch_->store()));
  FanOutLimits limits;
  limits.always = true;
  Collections& collections = views->scratch_->collections();
  views->marker_ = std::make_unique<Marker>(collections, views->fan_out_, limits);
  views->changes_ = std::make_unique<RowChanges>(collections, *views->marker_);
  return views;
}

std::vector<SharedViews::KeptForm> SharedViews::kept_forms() {
  std::vector<KeptForm> forms;
  for (const auto& [name, table] : scratch_->collections().tables())
    forms.push_back({name, table.mirror->form().indexes.size(), is_root(*table.mirror),
                     number_of(table.mirror->layout()), columns_of(table.mirror->layout())});
  return forms;
}

Status SharedViews::hold(const TouchedKeys& touched) {
  RowFetch fetch(*scratch_);
  for (const auto& [mirror, keys] : touched)
    PENSTOCK_TRY(fetch.fetch(*mirror, std::vector<std::string>(keys.begin(), keys.end())));
  return {};
}

// A layout that nobody has stored goes with the first rows of it: columns came to the table.
Status SharedViews::note_layout(const Mirror& mirror, WriteGroup& group) {
  const RowLayout layout = mirror.layout();
  const std::uint64_t number = number_of(layout);
  if (layouts_.contains(number)) return {};
  PENSTOCK_ASSIGN(const auto stored, scratch_->kept().layout(number));
  if (stored) layouts_.insert(number);
  if (!stored) writes_.put_layout(group, layout);
  return {};
}

Status SharedViews::change(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) {
  PENSTOCK_TRY(scratch_->empty());
  for (auto& collection : scratch_->collections().all()) collection->marks.clear();
  for (std::size_t i = first; i < last; ++i) {
    if (batch.events[i].schema == nullptr) continue;
    PENSTOCK_ASSIGN(const bool compiled, scratch_->learn(*batch.events[i].schema));
    if (compiled) changes_->forget_schemas();
  }
  const TouchedKeys touched = keys_of(*scratch_, batch, first, last);
  PENSTOCK_TRY(hold(touched));
  for (const auto& [mirror, keys] : touched) PENSTOCK_TRY(note_layout(*mirror, group));
  for (std::size_t i = first; i < last; ++i) {
    const Event& event = batch.events[i];
    if (event.schema == nullptr) continue;
    if (event.kind == EventKind::kTruncate) {
      PENSTOCK_TRY(truncate(batch, event, group));
    } else {
      PENSTOCK_TRY(changes_->apply(batch, event, &group.rereads));
    }
  }
  PENSTOCK_TRY(put_changed(touched, group));
  return put_marks(group);
}

Status SharedViews::truncate(const EventBatch& batch, const Event& event, WriteGroup& group) {
  changes_->set_now(event.position);
  MirroredTable* table = changes_->table_of(batch, *event.schema);
  if (table == nullptr) return {};
  const Cause cause{event.position, event.commit_micros};
  writes_.clear_rows(group, table->mirror->name(), event.position);
  Mark mark;
  mark.cause = cause;
  mark.since = event.position.commit_lsn;
  std::set<Collection*> seen;
  for (const MirroredTable::Use& use : table->uses) {
    Collection& collection = *use.collection;
    if (!seen.insert(&collection).second) continue;
    const bool root = collection.tree->root.mirror == table->mirror;
    if (!root) {
      mark_whole(collection, mark, group);
      continue;
    }
    collection.marks.clear();
    if (collection.tree->summary) {
      writes_.mark(group, {{},
                           KeptMark::Kind::kClear,
                           lane_of_summary(collection.name()),
                           collection.name(),
                           0,
                           0,
                           {},
                           std::nullopt,
                           mark.text()});
    } else {
      DocumentWriter(group).clear(collection, cause);
    }
  }
  scratch_->forget_held(*table->mirror);
  return table->mirror->rows().clear();
}

void SharedViews::mark_whole(const Collection& collection, const Mark& mark, WriteGroup& group) {
  for (std::uint32_t bucket = 0; bucket < kBuckets; ++bucket) {
    KeptMark whole;
    whole.kind = KeptMark::Kind::kWhole;
    whole.lane = lane_of(collection, bucket);
    whole.collection = collection.name();
    whole.number = bucket;
    whole.mark = mark.text();
    writes_.mark(group, whole);
  }
}

bool SharedViews::is_root(const Mirror& mirror) {
  const auto& all = scratch_->collections().all_const();
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& collection) { return collection->tree->root.mirror == &mirror; });
}

Status SharedViews::put_row(const Mirror& mirror, std::uint64_t layout, const Packed& row, WriteKind kind,
                            WriteGroup& group) {
  RowTable::Joins joins;
  mirror.joins_of(row.columns, joins);
  const std::string_view values = Scratch::values_of(row.payload);
  std::size_t bytes = row.key.size() + values.size();
  for (const std::string& join : joins) bytes += join.size();
  if (bytes > kMostKept) return fail(too_large(mirror, row.columns, bytes));
  writes_.put_row(group, mirror.name(), {row.key, &joins, layout, values, is_root(mirror)}, kind);
  return {};
}

Status SharedViews::put_changed(const TouchedKeys& touched, WriteGroup& group) {
  for (const auto& [mirror, keys] : touched) {
    const std::uint64_t layout = number_of(mirror->layout());
    for (const std::string& key : keys) {
      Arena arena;
      PENSTOCK_ASSIGN(const auto now, mirror->rows().find(key, arena));
      const std::string* before = scratch_->held(*mirror, key);
      if (!now && before != nullptr) writes_.erase_row(group, mirror->name(), key);
      if (!now || (before != nullptr && *before == now->payload)) continue;
      PENSTOCK_ASSIGN(const Value* columns, mirror->decode(now->payload, arena));
      PENSTOCK_TRY(put_row(*mirror, layout, {key, now->payload, columns},
                           before == nullptr ? WriteKind::kInsert : WriteKind::kReplace, group));
    }
  }
  return {};
}

Status SharedViews::put_marks(WriteGroup& group) {
  for (auto& collection : scratch_->collections().all()) {
    for (const Marks::Entry& entry : collection->marks.take()) {
      KeptMark mark;
      mark.lane = lane_of(*collection, bucket_of(entry.key));
      mark.collection = collection->name();
      mark.start = entry.key;
      mark.mark = entry.mark.text();
      writes_.mark(group, mark);
    }
  }
  while (FanOutTask* task = fan_out_.next()) {
    Mark cause;
    cause.cause = task->cause;
    cause.since = task->since;
    KeptMark mark;
    mark.kind = KeptMark::Kind::kWalk;
    mark.lane = lane_of_bucket(bucket_of(task->start));
    mark.collection = task->collection;
    mark.number = task->appearance;
    mark.start = task->start;
    mark.mark = cause.text();
    writes_.mark(group, mark);
    task->again.reset();
    PENSTOCK_TRY(fan_out_.ended());
  }
  return {};
}

Status SharedViews::load(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) {
  std::string key, payload;
  const Mirror* noted = nullptr;
  std::uint64_t layout = 0;
  for (std::size_t i = first; i < last; ++i) {
    const Event& event = batch.events[i];
    MirroredTable* table = event.schema == nullptr ? nullptr : changes_->table_of(batch, *event.schema);
    if (table == nullptr || event.after == nullptr) continue;
    Mirror& mirror = *table->mirror;
    if (noted != &mirror) {
      PENSTOCK_TRY(note_layout(mirror, group));
      layout = number_of(mirror.layout());
    }
    noted = &mirror;
    std::vector<Value> row(mirror.columns().size(), Value(Unchanged{}));
    for (std::size_t column = 0; column < row.size(); ++column)
      if (const auto place = event.schema->find(mirror.columns()[column].name))
        row[column] = event.after[*place];
    if (!mirror.key_of(row.data(), key))
      return fail(ErrorKind::kBadValue, "a row of " + mirror.name() + " has NULL in its key");
    mirror.encode(row.data(), payload);
    PENSTOCK_TRY(put_row(mirror, layout, {key, payload, row.data()}, WriteKind::kInsert, group));
  }
  return {};
}

void SharedViews::build(WriteGroup& group, std::int64_t micros) {
  Mark mark;
  mark.cause = {kLoadedAt, micros};
  mark.inserted_at = kLoadedAt.commit_lsn;
  mark.root_changed = true;
  mark.created = true;
  for (const auto& collection : scratch_->collections().all_const()) mark_whole(*collection, mark, group);
}

}  // namespace penstock
