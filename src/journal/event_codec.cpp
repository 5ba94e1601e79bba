#include "journal/event_codec.h"

#include <algorithm>

#include "model/byte_io.h"
#include "model/row_codec.h"

namespace penstock::journal {
namespace {

// The first byte of an event: its kind in the low four bits, and what follows.
constexpr std::uint8_t kKindBits = 0x0F;
constexpr std::uint8_t kHasAfter = 0x10;
constexpr std::uint8_t kHasBefore = 0x20;
constexpr std::uint8_t kOtherTransaction = 0x40;
constexpr std::uint8_t kOtherThrough = 0x80;
constexpr std::size_t kMessageParts = 2;

std::size_t values_of(const TableSchema* schema) {
  return schema != nullptr ? schema->columns.size() : kMessageParts;
}

bool same_transaction(const Event& a, const Event& b) {
  return a.position.commit_lsn == b.position.commit_lsn && a.commit_micros == b.commit_micros &&
         a.last_commit == b.last_commit && a.transaction == b.transaction;
}

void put_texts(ByteWriter& out, const std::vector<std::string>& texts) {
  out.number(texts.size());
  for (const std::string& text : texts) out.text(text);
}

std::vector<std::string> get_texts(ByteReader& in) {
  std::vector<std::string> texts;
  const std::uint64_t count = in.number();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) texts.emplace_back(in.text());
  return texts;
}

void put_optional(ByteWriter& out, const std::optional<KeyText>& key) {
  out.byte(key ? 1 : 0);
  if (key) put_texts(out, *key);
}

std::optional<KeyText> get_optional(ByteReader& in) {
  if (in.byte() == 0) return std::nullopt;
  return get_texts(in);
}

void put_reread(ByteWriter& out, const Reread& reread) {
  out.text(reread.table);
  put_texts(out, reread.columns);
  put_texts(out, reread.key);
  out.number(reread.since.value);
  out.text(reread.id);
  out.byte(reread.only_absent ? 1 : 0);
}

Reread get_reread(ByteReader& in) {
  Reread reread;
  reread.table = in.text();
  reread.columns = get_texts(in);
  reread.key = get_texts(in);
  reread.since = Lsn{in.number()};
  reread.id = in.text();
  reread.only_absent = in.byte() != 0;
  return reread;
}

tl::unexpected<Error> damaged(const char* what) {
  return fail(ErrorKind::kInternal, std::string("the journal holds a damaged ") + what);
}

class EventDecoder {
 public:
  EventDecoder(std::string_view bytes, const std::vector<KnownShape>& shapes, EventBatch& batch)
      : in_(bytes), shapes_(shapes), batch_(batch) {}

  bool run(const std::function<bool(const Event&)>& take) {
    while (!in_.done()) {
      std::string_view row;
      std::uint8_t flags = 0;
      std::uint64_t shape = 0;
      if (!head(flags, shape, row)) return false;
      if (!take(last_)) return true;
      const bool wanted = shape == 0 || shapes_[shape - 1].wanted;
      if (wanted && !keep(flags, shape, row)) return false;
    }
    return in_.ok();
  }

 private:
  bool head(std::uint8_t& flags, std::uint64_t& shape, std::string_view& row) {
    flags = in_.byte();
    const std::uint8_t kind = flags & kKindBits;
    if (kind > static_cast<std::uint8_t>(EventKind::kAbsent)) return false;
    last_.kind = static_cast<EventKind>(kind);
    if ((flags & kOtherTransaction) != 0) {
      last_.position.commit_lsn = Lsn{in_.number()};
      last_.commit_micros = in_.signed_number();
      last_.last_commit = Lsn{in_.number()};
      last_.transaction = static_cast<std::uint32_t>(in_.number());
    }
    if ((flags & kOtherThrough) != 0) last_.position.through_lsn = Lsn{in_.number()};
    last_.position.ordinal = in_.number();
    last_.lsn = Lsn{last_.lsn.value + static_cast<std::uint64_t>(in_.signed_number())};
    shape = in_.number();
    if ((flags & (kHasAfter | kHasBefore)) != 0) row = in_.text();
    if (!in_.ok() || shape > shapes_.size()) return false;
    last_.schema = shape == 0 ? nullptr : shapes_[shape - 1].schema.get();
    return shape == 0 || last_.schema != nullptr || !shapes_[shape - 1].wanted;
  }

  bool keep(std::uint8_t flags, std::uint64_t shape, std::string_view row) {
    Event event = last_;
    const std::size_t count = values_of(event.schema);
    if (!row.empty() || (flags & (kHasAfter | kHasBefore)) != 0) {
      RowDecoder values(batch_.arena.copy(row), batch_.arena);
      if ((flags & kHasAfter) != 0) event.after = read_row(values, count);
      if ((flags & kHasBefore) != 0) event.before = read_row(values, count);
      if (!values.ok()) return false;
    }
    batch_.events.push_back(event);
    if (shape != 0) hold(shapes_[shape - 1].schema);
    return true;
  }

  const Value* read_row(RowDecoder& values, std::size_t count) {
    auto* row = batch_.arena.array<Value>(count);
    for (std::size_t i = 0; i < count; ++i) row[i] = values.next();
    return row;
  }

  void hold(const std::shared_ptr<const TableSchema>& schema) {
    if (std::find(batch_.schemas.begin(), batch_.schemas.end(), schema) == batch_.schemas.end())
      batch_.schemas.push_back(schema);
  }

  ByteReader in_;
  const std::vector<KnownShape>& shapes_;
  EventBatch& batch_;
  Event last_;
};

}  // namespace

void EventEncoder::add(const Event& event, std::uint64_t shape) {
  const bool transaction = !same_transaction(event, last_);
  const bool through = event.position.through_lsn != last_.position.through_lsn;
  ByteWriter out(out_);
  out.byte(static_cast<std::uint8_t>(
      static_cast<unsigned>(event.kind) | (event.after != nullptr ? kHasAfter : 0U) |
      (event.before != nullptr ? kHasBefore : 0U) | (transaction ? kOtherTransaction : 0U) |
      (through ? kOtherThrough : 0U)));
  if (transaction) {
    out.number(event.position.commit_lsn.value);
    out.signed_number(event.commit_micros);
    out.number(event.last_commit.value);
    out.number(event.transaction);
  }
  if (through) out.number(event.position.through_lsn.value);
  out.number(event.position.ordinal);
  out.signed_number(static_cast<std::int64_t>(event.lsn.value - last_.lsn.value));
  out.number(event.schema != nullptr ? shape + 1 : 0);
  if (event.after != nullptr || event.before != nullptr) {
    const std::size_t count = values_of(event.schema);
    row_.clear();
    encode_row(row_, 0, event.after, event.after != nullptr ? count : 0);
    for (std::size_t i = 0; event.before != nullptr && i < count; ++i) encode_value(row_, event.before[i]);
    out.text(row_);
  }
  last_ = event;
}

bool decode_events(std::string_view bytes, const std::vector<KnownShape>& shapes,
                   const std::function<bool(const Event&)>& take, EventBatch& batch) {
  return EventDecoder(bytes, shapes, batch).run(take);
}

std::string encode_schema(const TableSchema& schema) {
  std::string bytes;
  ByteWriter out(bytes);
  out.text(schema.table.schema);
  out.text(schema.table.name);
  out.number(schema.oid);
  out.byte(static_cast<std::uint8_t>(schema.replica_identity));
  out.number(schema.columns.size());
  for (const Column& column : schema.columns) {
    out.text(column.name);
    out.number(column.type_oid);
    out.signed_number(column.type_modifier);
    out.text(column.type_name);
    out.number(column.base_type_oid);
    out.byte(column.not_null ? 1 : 0);
  }
  out.number(schema.key.size());
  for (const std::uint16_t column : schema.key) out.number(column);
  return bytes;
}

Result<TableSchema> decode_schema(std::string_view bytes) {
  ByteReader in(bytes);
  TableSchema schema;
  schema.table.schema = in.text();
  schema.table.name = in.text();
  schema.oid = static_cast<std::uint32_t>(in.number());
  schema.replica_identity = static_cast<char>(in.byte());
  const std::uint64_t columns = in.number();
  for (std::uint64_t i = 0; i < columns && in.ok(); ++i) {
    Column column;
    column.name = in.text();
    column.type_oid = static_cast<std::uint32_t>(in.number());
    column.type_modifier = static_cast<std::int32_t>(in.signed_number());
    column.type_name = in.text();
    column.base_type_oid = static_cast<std::uint32_t>(in.number());
    column.not_null = in.byte() != 0;
    schema.columns.push_back(std::move(column));
  }
  const std::uint64_t key = in.number();
  for (std::uint64_t i = 0; i < key && in.ok(); ++i) {
    const std::uint64_t column = in.number();
    if (column >= schema.columns.size()) return damaged("table shape");
    schema.key.push_back(static_cast<std::uint16_t>(column));
  }
  if (!in.ok() || !in.done()) return damaged("table shape");
  return schema;
}

void encode_chunk(std::string& bytes, const ChunkResult& chunk) {
  ByteWriter out(bytes);
  out.text(chunk.table);
  out.number(chunk.load_id);
  out.number(chunk.done.number);
  put_optional(out, chunk.done.from);
  put_texts(out, chunk.done.to);
  out.number(chunk.done.rows);
  out.byte(chunk.by_key ? 1 : 0);
  out.number(chunk.answered.size());
  for (const Reread& reread : chunk.answered) put_reread(out, reread);
}

Result<ChunkResult> decode_chunk(std::string_view& bytes) {
  ByteReader in(bytes);
  ChunkResult chunk;
  chunk.table = in.text();
  chunk.load_id = in.number();
  chunk.done.number = in.number();
  chunk.done.from = get_optional(in);
  chunk.done.to = get_texts(in);
  chunk.done.rows = in.number();
  chunk.by_key = in.byte() != 0;
  const std::uint64_t answered = in.number();
  for (std::uint64_t i = 0; i < answered && in.ok(); ++i) chunk.answered.push_back(get_reread(in));
  if (!in.ok()) return damaged("chunk");
  bytes.remove_prefix(static_cast<std::size_t>(in.at() - bytes.data()));
  return chunk;
}

std::string encode_step(const TableCheckpoint& table, bool of_load) {
  std::string bytes;
  ByteWriter out(bytes);
  out.text(table.table);
  out.byte(static_cast<std::uint8_t>(table.state));
  out.number(table.load_id);
  out.text(table.fingerprint);
  out.byte(table.sweep ? 1 : 0);
  put_optional(out, table.upper);
  out.number(table.estimated_rows);
  out.byte(of_load ? 1 : 0);
  return bytes;
}

Result<StepRecord> decode_step(std::string_view bytes) {
  ByteReader in(bytes);
  StepRecord step;
  step.table.table = in.text();
  const std::uint8_t state = in.byte();
  step.table.state = static_cast<LoadState>(state);
  step.table.load_id = in.number();
  step.table.fingerprint = in.text();
  step.table.sweep = in.byte() != 0;
  step.table.upper = get_optional(in);
  step.table.estimated_rows = in.number();
  step.of_load = in.byte() != 0;
  if (!in.ok() || !in.done() || state > static_cast<std::uint8_t>(LoadState::kLoaded))
    return damaged("step of a load");
  return step;
}

}  // namespace penstock::journal
