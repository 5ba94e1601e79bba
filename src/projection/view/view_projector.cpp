#include "projection/view/view_projector.h"

#include <algorithm>
#include <tuple>

#include "base/log.h"
#include "model/byte_io.h"
#include "projection/view/cause_io.h"
#include "projection/view/definition.h"

namespace penstock {
namespace {

constexpr std::string_view kNewest = "newest";

bool beyond(const Position& position, const Position& end) {
  return std::tie(position.commit_lsn, position.ordinal) > std::tie(end.commit_lsn, end.ordinal);
}

}  // namespace

ViewProjector::ViewProjector(std::vector<CollectionSpec> collections, const std::vector<TableSchema>& tables,
                             const ViewOptions& options)
    : options_(options),
      tables_(tables),
      collections_(std::move(collections), {options.file, options.summaries},
                   options.types ? options.types : TypeResolver(expression_type)),
      marker_(collections_, fan_out_, options.fan_out),
      changes_(collections_, marker_) {}

ViewProjector::~ViewProjector() { collections_.detach(); }

Result<std::unique_ptr<ViewProjector>> ViewProjector::make(std::vector<CollectionSpec> collections,
                                                           const std::vector<TableSchema>& tables,
                                                           const ViewOptions& options) {
  std::set<TableName> used;
  for (const CollectionSpec& spec : collections) {
    for (const TableName& table : tables_of(spec)) used.insert(table);
  }
  std::vector<TableSchema> schemas;
  for (const TableSchema& schema : tables) {
    if (used.contains(schema.table)) schemas.push_back(schema);
  }
  std::unique_ptr<ViewProjector> projector(new ViewProjector(std::move(collections), schemas, options));
  PENSTOCK_ASSIGN(projector->store_, StateStore::open(options.state));
  PENSTOCK_TRY(projector->attach());
  return projector;
}

Status ViewProjector::attach() {
  PENSTOCK_TRY(due_.open(*store_));
  PENSTOCK_TRY(fan_out_.open(*store_));
  PENSTOCK_TRY(collections_.compile(tables_, *store_));
  for (const std::string& name : collections_.dropped()) {
    PENSTOCK_TRY(due_.drop(name));
    PENSTOCK_TRY(fan_out_.drop(name));
    if (collections_.find(name) == nullptr) PENSTOCK_TRY(store_->drop_maps(name + "."));
  }
  changes_.forget_schemas();
  PENSTOCK_ASSIGN(notes_, store_->open_map("notes"));
  PENSTOCK_ASSIGN(const auto newest, notes_->get(kNewest));
  ByteReader reader(newest.value_or(std::string_view()));
  if (newest) newest_ = read_cause(reader);
  return {};
}

std::string ViewProjector::load_fingerprint(const std::string& table) const {
  const auto& tables = const_cast<Collections&>(collections_).tables();
  const auto found = tables.find(table);
  if (found == tables.end()) return {};
  std::vector<std::string> columns;
  for (const Mirror::Column& column : found->second.mirror->columns())
    columns.push_back(quote_identifier(column.name));
  std::sort(columns.begin(), columns.end());
  std::string text = "state " + store_->identity() + " key " + found->second.mirror->key_text() + " keeps";
  for (const std::string& column : columns) text += " " + column;
  return text;
}

bool ViewProjector::keeps(const std::string& table) const {
  return const_cast<Collections&>(collections_).table(table) != nullptr;
}

Result<Position> ViewProjector::open(const Checkpoint& checkpoint) {
  PENSTOCK_ASSIGN(const std::uint64_t system, store_->system_identifier());
  const std::uint64_t theirs = checkpoint.source.system_identifier;
  const bool other = system != 0 && theirs != 0 && system != theirs;
  const bool ahead = store_->position() && beyond(*store_->position(), checkpoint.position);
  if (other || ahead) {
    log::warn("the local state {}: it is begun anew, its tables are loaded again",
              other ? "belongs to another PostgreSQL cluster" : "is ahead of MongoDB, which was set back");
    PENSTOCK_TRY(forget());
  }
  if (theirs != 0) PENSTOCK_TRY(store_->set_system_identifier(theirs));
  undone_ = checkpoint.pending.since;
  const Position start = store_->position().value_or(checkpoint.position);
  if (start.commit_lsn.is_set()) changes_.set_now(start);
  PENSTOCK_TRY(replay_summaries());
  return start;
}

Status ViewProjector::forget() {
  collections_.detach();
  changes_.forget_schemas();
  due_ = DueQueue();
  fan_out_.close();
  notes_.reset();
  undone_.reset();
  PENSTOCK_TRY(store_->begin_anew());
  return attach();
}

// A column that the definitions may show ("*") came to the table: they are compiled anew.
Status ViewProjector::learn_shape(const TableSchema& schema) {
  if (!changes_.shape_is_new(schema)) return {};
  for (TableSchema& known : tables_) {
    if (known.table != schema.table) continue;
    TableSchema now = schema;
    // The key stays the one the definitions name.
    now.key.clear();
    for (const std::uint16_t column : known.key) {
      if (const auto place = schema.find(known.columns[column].name)) now.key.push_back(*place);
    }
    known = std::move(now);
  }
  PENSTOCK_TRY(collections_.compile(tables_, *store_));
  changes_.forget_schemas();
  return {};
}

Status ViewProjector::project(const EventBatch& batch, std::size_t first, std::size_t last,
                              WriteGroup& group) {
  for (std::size_t i = first; i < last; ++i) {
    const Event& event = batch.events[i];
    if (event.schema == nullptr) continue;
    PENSTOCK_TRY(learn_shape(*event.schema));
    PENSTOCK_ASSIGN(const std::size_t taken, changes_.put_loaded(batch, i, last));
    if (taken == 0) PENSTOCK_TRY(apply(batch, event, &group));
    for (std::size_t n = 0; n < taken; ++n)
      newest_.commit_micros = std::max(newest_.commit_micros, batch.events[i + n].commit_micros);
    i += std::max<std::size_t>(taken, 1) - 1;
  }
  return {};
}

Status ViewProjector::apply(const EventBatch& batch, const Event& event, WriteGroup* group) {
  if (event.kind == EventKind::kTruncate) {
    PENSTOCK_TRY(truncate(batch, event, group));
  } else {
    PENSTOCK_TRY(changes_.apply(batch, event, group != nullptr ? &group->rereads : nullptr));
  }
  newest_.position = changes_.now();
  newest_.commit_micros = std::max(newest_.commit_micros, event.commit_micros);
  return {};
}

Status ViewProjector::truncate(const EventBatch& batch, const Event& event, WriteGroup* group) {
  changes_.set_now(event.position);
  MirroredTable* table = changes_.table_of(batch, *event.schema);
  if (table == nullptr) return {};
  const Cause cause{event.position, event.commit_micros};
  PENSTOCK_TRY(marker_.truncated(*table, cause));
  for (auto& collection : collections_.all()) {
    if (collection->tree->root.mirror == table->mirror && collection->follows())
      PENSTOCK_TRY(clear_collection(*collection, cause, group));
  }
  return table->mirror->clear();
}

Status ViewProjector::clear_collection(Collection& collection, const Cause& cause, WriteGroup* group) {
  collection.marks.clear();
  PENSTOCK_TRY(due_.drop(collection.name()));
  PENSTOCK_TRY(fan_out_.drop(collection.name()));
  if (collection.tree->summary) PENSTOCK_TRY(collection.tree->summary->clear(cause));
  if (collection.uncertain) {
    // Whether what was built is published is not known: it is built anew, of nothing.
    return collections_.build_anew(collection);
  }
  // A summary says so itself, when it writes.
  if (collection.tree->summary) return {};
  if (group != nullptr && !collection.unbegun()) DocumentWriter(*group).clear(collection, cause);
  return {};
}

// The sink has the documents of these events, unless it said that some were still to come. Summaries must see
// the rows all the same.
Status ViewProjector::replay(const EventBatch& batch, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i) {
    if (batch.events[i].schema != nullptr) PENSTOCK_TRY(apply(batch, batch.events[i], nullptr));
  }
  PENSTOCK_TRY(replay_summaries());
  if (undone_) return marks_to_due(undone_);
  for (auto& collection : collections_.all()) collection->marks.clear();
  return {};
}

Status ViewProjector::marks_to_due(std::optional<Lsn> since) {
  for (auto& collection : collections_.all()) {
    for (Marks::Entry& entry : collection->marks.take()) {
      entry.mark.maybe_shown = true;
      if (since) entry.mark.since = std::min(entry.mark.since, *since);
      PENSTOCK_TRY(due_.add(collection->name(), entry.key, entry.mark));
    }
  }
  return {};
}

std::size_t ViewProjector::documents_due() const { return marker_.marks(); }

Status ViewProjector::close(WriteGroup& group) {
  const auto changed = [](const auto& collection) {
    return !collection->marks.empty() ||
           (collection->tree->summary && collection->tree->summary->documents_due() > 0);
  };
  if (std::none_of(collections_.all_const().begin(), collections_.all_const().end(), changed)) return {};
  DocumentWriter writer(group);
  for (auto& collection : collections_.all()) PENSTOCK_TRY(close_collection(*collection, writer));
  writer.finish();
  for (auto& collection : collections_.all()) {
    if (collection->tree->summary) PENSTOCK_TRY(write_summary(*collection, group));
  }
  return {};
}

Status ViewProjector::close_collection(Collection& collection, DocumentWriter& writer) {
  if (collection.marks.empty()) return {};
  for (const Marks::Entry& entry : collection.marks.take())
    PENSTOCK_TRY(close_mark(collection, entry, writer));
  return {};
}

Status ViewProjector::close_mark(Collection& collection, const Marks::Entry& entry, DocumentWriter& writer) {
  const bool full = writer.documents() >= options_.group_documents || writer.bytes() >= options_.group_bytes;
  if (collection.ignores(entry.key)) return {};
  if (collection.uncertain) return due_.add(collection.name(), entry.key, entry.mark);
  if (full) {
    PENSTOCK_TRY(writer.make_deletions(collection, entry.key, entry.mark));
    Mark left = entry.mark;
    left.stale.clear();
    left.maybe_shown = true;
    return due_.add(collection.name(), entry.key, left);
  }
  PENSTOCK_ASSIGN(auto due, due_.remove(collection.name(), entry.key));
  if (!due) return writer.make(collection, entry.key, entry.mark);
  Mark mark = entry.mark;
  mark.maybe_shown = true;
  mark.stale.insert(mark.stale.end(), due->stale.begin(), due->stale.end());
  return writer.make(collection, entry.key, mark);
}

// While rows of a build are still to be seen, nothing of a summary is true.
Status ViewProjector::write_summary(Collection& collection, WriteGroup& group) {
  if (!collection.follows() || collection.unbegun() || collection.uncertain) return {};
  if (collection.tree->summary->documents_due() == 0) return {};
  SummaryWriter writer{group, collection.shape(), collection.phase != BuildPhase::kLive || replayed_};
  return collection.tree->summary->write(writer);
}

Status ViewProjector::load_step(const LoadStep& step) {
  MirroredTable* table = collections_.table(step.table.table);
  if (table == nullptr) return {};
  TableRecord& record = table->mirror->record();
  switch (step.table.state) {
    case LoadState::kPending:
      return {};
    case LoadState::kLoading: {
      PENSTOCK_ASSIGN(const bool empty, table->mirror->rows().empty());
      record.load_id = step.table.load_id;
      record.loaded = false;
      record.swept = empty;  // then every row will bear the mark
      return table->mirror->save_record();
    }
    case LoadState::kSweeping:
      return sweep(*table);
    case LoadState::kLoaded:
      PENSTOCK_TRY(sweep(*table));
      PENSTOCK_TRY(table->mirror->make_indexes());
      record.loaded = true;
      PENSTOCK_TRY(table->mirror->save_record());
      return collections_.begin_builds();
  }
  return {};
}

Result<bool> ViewProjector::rebuild(const std::string& name) {
  Collection* collection = collections_.find(name);
  if (collection == nullptr) return false;
  PENSTOCK_TRY(due_.drop(name));
  PENSTOCK_TRY(fan_out_.drop(name));
  collection->marks.clear();
  PENSTOCK_TRY(collections_.build_anew(*collection));
  return true;
}

// Rows that neither the load nor the stream since its beginning has touched are gone from PostgreSQL.
Status ViewProjector::sweep(MirroredTable& table) {
  constexpr std::size_t kRows = 1000;
  TableRecord& record = table.mirror->record();
  if (record.swept) return {};
  const auto mark = static_cast<std::int64_t>(record.load_id);
  std::string after;
  for (;;) {
    Arena arena;
    std::vector<StoredRow> rows;
    PENSTOCK_TRY(table.mirror->rows().scan(
        after.empty() ? std::nullopt : std::optional<std::string_view>(after), kRows, arena, rows));
    for (const StoredRow& row : rows) {
      if (row.mark == mark) continue;
      PENSTOCK_ASSIGN(const Value* values, table.mirror->decode(row.payload, arena));
      PENSTOCK_TRY(changes_.remove(table, {row.key, values}, {changes_.now(), newest_.commit_micros}));
    }
    if (rows.size() < kRows) break;
    after = rows.back().key;
  }
  record.swept = true;
  return table.mirror->save_record();
}

Status ViewProjector::save(const Position& position, const Places& places) {
  PENSTOCK_TRY(marks_to_due(std::nullopt));
  std::string newest;
  ByteWriter writer(newest);
  write_cause(writer, newest_);
  PENSTOCK_TRY(notes_->put(kNewest, newest));
  PENSTOCK_TRY(store_->save(position, places));
  for (auto& collection : collections_.all())
    collection->saved_as_built = collection->phase == BuildPhase::kBuilt;
  return {};
}

PendingDocuments ViewProjector::pending() const {
  PendingDocuments pending;
  const auto older = [&](const std::optional<Lsn>& since) {
    if (since && (!pending.since || *since < *pending.since)) pending.since = since;
  };
  for (const auto& collection : collections_.all_const()) {
    if (collection->phase == BuildPhase::kLive) continue;
    pending.building.push_back(collection->name());
    older(Lsn{1});
  }
  older(due_.oldest());
  older(fan_out_.oldest());
  if (replayed_) older(undone_);
  return pending;
}

}  // namespace penstock
