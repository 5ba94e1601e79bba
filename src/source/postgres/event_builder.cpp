#include "source/postgres/event_builder.h"

#include <algorithm>
#include <utility>

#include "source/postgres/byte_reader.h"
#include "source/postgres/load/loader.h"

namespace penstock::postgres {

EventBuilder::EventBuilder(RelationCache& relations, const TableBook& tables, Listener listener,
                           Position start)
    : relations_(relations),
      tables_(tables),
      listener_(std::move(listener)),
      handled_(start),
      last_commit_(start.through_lsn) {}

void EventBuilder::restart() {
  relations_.forget();
  in_transaction_ = false;
  markers_.clear();
}

EventBatch& EventBuilder::batch() {
  if (!batch_) batch_ = std::make_shared<EventBatch>();
  return *batch_;
}

EventBatchPtr EventBuilder::cut() {
  if (!has_events()) return nullptr;
  return std::exchange(batch_, nullptr);
}

Status EventBuilder::handle(std::string_view payload, Lsn lsn) {
  lsn_ = lsn;
  if (!payload.empty() && (payload.front() == 'I' || payload.front() == 'U' || payload.front() == 'D'))
    return row(payload);
  PENSTOCK_ASSIGN(const Message message, decoder_.decode(payload));
  if (const auto* relation = std::get_if<RelationMessage>(&message)) {
    PENSTOCK_TRY(relations_.learn(*relation, tables_));
    if (!relations_.find(relation->oid)->wanted && listener_.stranger)
      listener_.stranger({std::string(relation->schema), std::string(relation->name)}, relation->oid);
    return {};
  }
  if (const auto* first = std::get_if<BeginMessage>(&message)) begin(*first);
  if (const auto* last = std::get_if<CommitMessage>(&message)) commit(*last);
  if (const auto* truncated = std::get_if<TruncateMessage>(&message)) truncate(*truncated);
  if (const auto* logical = std::get_if<LogicalMessage>(&message)) this->message(*logical);
  return {};
}

// One outside of transactions comes between two, and is one by itself.
void EventBuilder::message(const LogicalMessage& message) {
  if (message.prefix == kMarkerPrefix) {
    if (message.transactional) markers_.emplace_back(message.content);
    return;
  }
  if (!passes_messages_) return;
  // Its LSN is the end of its record, where a COMMIT may begin: that one is not handled yet.
  if (message.transactional ? count_and_skip('M') : message.lsn <= handled_.through_lsn) return;
  if (!message.transactional) handled_.through_lsn = last_commit_ = message.lsn;
  Value* parts = batch().arena.array<Value>(2);
  parts[0] = Text{batch().arena.copy(message.prefix)};
  parts[1] = Bytes{batch().arena.copy(message.content)};
  Event& event = append(EventKind::kMessage, nullptr);
  event.after = parts;
  event.lsn = message.lsn;
  if (message.transactional) {
    rows_in_transaction_ = true;
    return;
  }
  event.transaction = 0;
  append(EventKind::kCommit, nullptr);
}

void EventBuilder::begin(const BeginMessage& message) {
  begin_ = message;
  in_transaction_ = true;
  rows_in_transaction_ = false;
  ordinal_ = 0;
  rows_at_written_ = 0;
  markers_.clear();
  skip_transaction_ = message.commit_lsn < handled_.through_lsn;
  skip_ordinals_ =
      message.commit_lsn == handled_.commit_lsn && handled_.inside_transaction() ? handled_.ordinal : 0;
  rows_in_transaction_ = skip_ordinals_ > 0;
}

// Two things may share an LSN within a transaction: the rows of one multi-row insert (COPY), and a logical
// message, which stands at the end of its record, with the change that begins there.
bool EventBuilder::written_before(char kind) {
  if (begin_.xid != written_.transaction || written_.transaction == 0 || lsn_ > written_.lsn) return false;
  if (lsn_ < written_.lsn || kind == 'M') return true;
  if (written_.message) return false;
  return kind != 'I' || !written_.rows || ++rows_at_written_ <= *written_.rows;
}

bool EventBuilder::count_and_skip(char kind) {
  ++ordinal_;
  if (skip_transaction_) return true;
  const bool written = written_before(kind);
  if (ordinal_ <= skip_ordinals_) return true;
  handled_.commit_lsn = begin_.commit_lsn;
  handled_.ordinal = ordinal_;
  return written;
}

Event& EventBuilder::append(EventKind kind, const Relation* relation) {
  EventBatch& to = batch();
  Event& event = to.events.emplace_back();
  event.kind = kind;
  event.position = handled_;
  event.commit_micros = begin_.commit_micros;
  event.lsn = lsn_;
  event.last_commit = last_commit_;
  event.transaction = begin_.xid;
  if (relation != nullptr) {
    event.schema = relation->schema.get();
    if (std::find(to.schemas.begin(), to.schemas.end(), relation->schema) == to.schemas.end())
      to.schemas.push_back(relation->schema);
  }
  return event;
}

Status EventBuilder::row(std::string_view payload) {
  ByteReader peek(payload.substr(1));
  const std::uint32_t oid = peek.u32();
  const Relation* relation = relations_.find(oid);
  if (relation == nullptr && peek.ok())
    return fail(ErrorKind::kPostgresProtocol,
                "a row of relation " + std::to_string(oid) + " came before its description");
  if (count_and_skip(payload.front()) || relation == nullptr || !relation->wanted ||
      begin_.commit_lsn < relation->since)
    return {};
  // One copy of the message carries all its values.
  PENSTOCK_ASSIGN(const Message message, decoder_.decode(batch().arena.copy(payload)));
  return append_row(*relation, std::get<RowMessage>(message));
}

Status EventBuilder::append_row(const Relation& relation, const RowMessage& message) {
  const Value* after = nullptr;
  const Value* before = nullptr;
  if (message.has_new) {
    PENSTOCK_ASSIGN(after, decode_tuple(relation, decoder_.new_tuple(), false));
  }
  if (message.old_kind != 0) {
    PENSTOCK_ASSIGN(before, decode_tuple(relation, decoder_.old_tuple(), message.old_kind == 'K'));
  }
  const EventKind kind = message.kind == 'I'   ? EventKind::kInsert
                         : message.kind == 'U' ? EventKind::kUpdate
                                               : EventKind::kDelete;
  Event& event = append(kind, &relation);
  event.after = after;
  event.before = before;
  rows_in_transaction_ = true;
  listener_.change(event);
  return {};
}

Result<const Value*> EventBuilder::decode_tuple(const Relation& relation, const Tuple& tuple, bool key_only) {
  const TableSchema& schema = *relation.schema;
  if (tuple.size() != schema.columns.size())
    return fail(ErrorKind::kPostgresProtocol, "a row of " + to_string(schema.table) + " has " +
                                                  std::to_string(tuple.size()) + " values for " +
                                                  std::to_string(schema.columns.size()) + " columns");
  Arena& arena = batch().arena;
  Value* values = arena.array<Value>(tuple.size());
  for (std::size_t i = 0; i < tuple.size(); ++i) {
    const Cell& cell = tuple[i];
    if (cell.kind == CellKind::kUnchanged || (key_only && !relation.in_identity[i])) {
      values[i] = Unchanged{};
    } else if (cell.kind == CellKind::kText) {
      auto value = relation.decoders[i]->decode(cell.text, arena);
      if (!value) {
        Error error = std::move(value).error();
        error.message = to_string(schema.table) + "." + schema.columns[i].name + " (" +
                        schema.columns[i].type_name + ") at LSN " + to_string(begin_.commit_lsn) + ": " +
                        error.message;
        return fail(std::move(error));
      }
      values[i] = *value;
    }
  }
  return values;
}

void EventBuilder::truncate(const TruncateMessage& message) {
  if (count_and_skip('T')) return;
  std::set<std::string> emptied;
  for (const auto oid : message.oids) {
    const Relation* relation = relations_.find(oid);
    if (relation == nullptr || !relation->wanted || relation->leaf) continue;
    if (begin_.commit_lsn < relation->since) continue;
    emptied.insert(to_string(relation->schema->table));
    rows_in_transaction_ = true;
    listener_.change(append(EventKind::kTruncate, relation));
  }
  for (const auto oid : message.oids) {
    const Relation* relation = relations_.find(oid);
    if (relation == nullptr || !relation->wanted || !relation->leaf) continue;
    const std::string table = to_string(relation->schema->table);
    if (!emptied.contains(table)) listener_.reload(table);
  }
}

void EventBuilder::commit(const CommitMessage& message) {
  in_transaction_ = false;
  listener_.commit(begin_.xid);
  if (skip_transaction_) return;
  handled_ = Position{begin_.commit_lsn, ordinal_, std::max(message.end_lsn, handled_.through_lsn)};
  last_commit_ = message.end_lsn;
  append(rows_in_transaction_ ? EventKind::kCommit : EventKind::kProgress, nullptr);
  for (const auto& content : markers_) listener_.marker(content);
  marker_reached_ = marker_reached_ || !markers_.empty();
  markers_.clear();
}

void EventBuilder::keepalive(Lsn wal_end) {
  if (in_transaction_ || wal_end <= handled_.through_lsn) return;
  handled_.through_lsn = wal_end;
  append(EventKind::kProgress, nullptr);
}

}  // namespace penstock::postgres
