#include "envelope/read/event_reader.h"

#include <simdjson.h>

#include <algorithm>

#include "envelope/read/head_fields.h"
#include "envelope/read/inline_split.h"
#include "envelope/read/layouts.h"
#include "envelope/read/registry_record.h"

namespace penstock::envelope {
namespace {

namespace dom = simdjson::dom;
constexpr std::size_t kShownBytes = 80;

tl::unexpected<Error> bad(std::string message, std::string remedy = {}) {
  return fail(ErrorKind::kBadValue, std::move(message), std::move(remedy));
}

Result<dom::object> parse_object(dom::parser& parser, std::string_view json, const char* what) {
  dom::element element;
  dom::object object;
  if (is_of_a_registry(json)) return fail(registry_record(what, json));
  if (const auto code = parser.parse(json.data(), json.size()).get(element); code != simdjson::SUCCESS)
    return bad(std::string(what) + " is not JSON: " + simdjson::error_message(code),
               "Avro and other converters are not read: write the records with JsonConverter");
  if (element.get(object) != simdjson::SUCCESS)
    return bad(std::string(what) + " is no object: " + shown(element));
  return object;
}

// The parts of an enveloped record.
struct Envelope {
  std::optional<dom::element> before, after, source, op, transaction, ts_ms, ts_us;
  bool twice = false;

  bool is_event() const { return op && op->is_string() && source && source->is_object(); }
};

std::optional<dom::element>* part_named(Envelope& envelope, std::string_view name) {
  if (name == "before") return &envelope.before;
  if (name == "after") return &envelope.after;
  if (name == "source") return &envelope.source;
  if (name == "op") return &envelope.op;
  if (name == "transaction") return &envelope.transaction;
  if (name == "ts_ms") return &envelope.ts_ms;
  if (name == "ts_us") return &envelope.ts_us;
  return nullptr;
}

Envelope envelope_of(const dom::object& record) {
  Envelope envelope;
  for (const dom::key_value_pair field : record) {
    auto* const part = part_named(envelope, field.key);
    if (part == nullptr) continue;
    envelope.twice = envelope.twice || part->has_value();
    *part = field.value;
  }
  return envelope;
}

std::optional<dom::object> object_in(const std::optional<dom::element>& part) {
  dom::object object;
  if (!part || part->get(object) != simdjson::SUCCESS) return std::nullopt;
  return object;
}

// Records of other topics of a connector; empty: a row.
std::string_view other_topic(const dom::object& record) {
  if (record.size() == 1 && record["ts_ms"].is_int64()) return "a heartbeat";
  if (record["status"].is_string() && record["event_count"].error() == simdjson::SUCCESS &&
      record["data_collections"].error() == simdjson::SUCCESS) {
    return "a record of a transaction topic";
  }
  return {};
}

// A c whose row had another key before.
bool is_key_change(const RecordBytes& record) {
  return std::any_of(record.headers.begin(), record.headers.end(),
                     [](const auto& header) { return header.first == "__debezium.oldkey"; });
}

bool is_true(const dom::element& value) {
  std::string_view text;
  bool truth = false;
  if (value.get(text) == simdjson::SUCCESS) return text == "true";
  return value.get(truth) == simdjson::SUCCESS && truth;
}

}  // namespace

class EventReader::Impl {
 public:
  Impl(ReadOptions options, std::shared_ptr<const TableSchema> schema)
      : catalog_(std::move(schema)),
        table_(catalog_ ? catalog_->table : options.table),
        other_tables_(options.other_tables || !catalog_),
        layouts_(std::move(options), catalog_) {}

  Result<ReadRecord> read(const RecordBytes& record, EventBatch& batch);
  const std::set<std::string>& unknown_fields() { return layouts_.unknown_fields(); }

 private:
  enum class Wrapping : std::uint8_t { kUnknown, kEnveloped, kUnwrapped };

  std::string_view open(std::string_view value);
  Result<ReadRecord> read_event(const Envelope& envelope, const RecordBytes& record, EventBatch& batch);
  Result<ReadRecord> read_unwrapped(const dom::object& row, const RecordBytes& record, EventBatch& batch);
  Result<ReadRecord> read_null(const RecordBytes& record, EventBatch& batch);
  Status read_head(const Envelope& envelope, RecordHead& head) const;
  Status read_change(const Envelope& envelope, const RecordBytes& record, RowLayout& layout, ReadRecord& made,
                     EventBatch& batch);
  Status check_table(const RecordHead& head) const;
  // With the parts that the record does not name.
  void name_table(RecordHead& head) const {
    if (head.table.name.empty()) head.table.name = table_.name;
    if (head.table.schema.empty()) head.table.schema = table_.schema;
  }
  Result<RowLayout*> layout_of(const RecordBytes& record, const TableName& table);
  // A row whose key is complete, with the record's key where its fields are not enough.
  Status complete(Row& row, const RecordBytes& record, ReadInto into);
  Result<Row> old_row(const dom::object& json, const RecordBytes& record, RowLayout& layout, bool unwrapped,
                      ReadInto into);
  static void append(EventBatch& batch, EventKind kind, const std::shared_ptr<const TableSchema>& schema,
                     const Value* before, const Value* after, const RecordHead& head);

  std::shared_ptr<const TableSchema> catalog_;
  TableName table_;
  bool other_tables_;
  Layouts layouts_;
  Wrapping wrapping_ = Wrapping::kUnknown;
  dom::parser parser_, key_parser_;
  std::string inline_head_;  // of the last record with an inline schema: all before its payload
  std::size_t schema_at_ = 0, schema_size_ = 0;  // in it
  std::string_view schema_;                      // of this record, in inline_head_; empty: none
  std::string scratch_;
};

// The payload; what the same schema came before is not looked for again.
std::string_view EventReader::Impl::open(std::string_view value) {
  schema_ = {};
  const bool same = !inline_head_.empty() && value.starts_with(inline_head_) && value.ends_with('}');
  if (!same) {
    const auto split = split_inline(value);
    if (!split) return value;
    inline_head_ = split->head;
    schema_at_ = static_cast<std::size_t>(split->schema.data() - value.data());
    schema_size_ = split->schema.size();
  }
  schema_ = std::string_view(inline_head_).substr(schema_at_, schema_size_);
  const std::size_t end = value.find_last_not_of(" \t\r\n");
  return value.substr(inline_head_.size(), end - inline_head_.size());
}

Result<ReadRecord> EventReader::Impl::read(const RecordBytes& record, EventBatch& batch) {
  schema_ = {};
  if (!record.value) return read_null(record, batch);
  const std::string_view payload = open(*record.value);
  if (payload == "null") return read_null(record, batch);
  PENSTOCK_ASSIGN(const dom::object object, parse_object(parser_, payload, "the record's value"));
  const Envelope envelope = envelope_of(object);
  if (envelope.is_event()) {
    if (envelope.twice) return bad("a field of the event's envelope comes twice");
    wrapping_ = Wrapping::kEnveloped;
    return read_event(envelope, record, batch);
  }
  if (const std::string_view other = other_topic(object); !other.empty())
    return ReadRecord{Outcome::kIgnored, {}, std::string(other), false};
  wrapping_ = Wrapping::kUnwrapped;
  return read_unwrapped(object, record, batch);
}

Status EventReader::Impl::read_head(const Envelope& envelope, RecordHead& head) const {
  std::string_view letter;
  const bool is_text = envelope.op->get(letter) == simdjson::SUCCESS;
  const auto operation = is_text ? operation_of(letter) : std::nullopt;
  if (!operation)
    return bad("the operation \"" + std::string(letter.substr(0, kShownBytes)) + "\" is not known");
  head.operation = *operation;
  head.place.snapshot = head.operation == Operation::kRead;
  PENSTOCK_TRY(read_source(*object_in(envelope.source), head));
  if (const auto block = object_in(envelope.transaction)) PENSTOCK_TRY(read_transaction_block(*block, head));
  for (const auto& [time, unit] : {std::pair(&envelope.ts_us, 1), std::pair(&envelope.ts_ms, 1000)}) {
    std::int64_t number = 0;
    if (head.commit_micros != 0 || !*time || (*time)->get(number) != simdjson::SUCCESS) continue;
    if (__builtin_mul_overflow(number, unit, &head.commit_micros)) head.commit_micros = 0;
  }
  name_table(head);
  return {};
}

Status EventReader::Impl::check_table(const RecordHead& head) const {
  if (other_tables_) return {};
  const bool same =
      head.table.name == table_.name && (head.table.schema.empty() || head.table.schema == table_.schema);
  if (same) return {};
  return bad(
      "the record is of table " + to_string(head.table) + ", its topic is read as that of " +
          to_string(table_),
      "two tables whose names differ in characters that Kafka does not allow share a topic: rename one, or "
      "route their records to topics of their own");
}

Result<RowLayout*> EventReader::Impl::layout_of(const RecordBytes& record, const TableName& table) {
  return layouts_.find(schema_, record.key.value_or(std::string_view()), table);
}

Status EventReader::Impl::complete(Row& row, const RecordBytes& record, ReadInto into) {
  const TableSchema& schema = *row.shape->schema;
  const bool whole = std::none_of(schema.key.begin(), schema.key.end(), [&](std::uint16_t column) {
    return row.values[column].is_unchanged() || row.values[column].is_null();
  });
  if (whole) return {};
  if (record.key) {
    std::string_view json = *record.key;
    if (const auto split = split_inline(json)) json = split->payload;
    PENSTOCK_ASSIGN(const dom::object key, parse_object(key_parser_, json, "the record's key"));
    PENSTOCK_ASSIGN(const bool complete, layouts_.newest()->complete_key(row, key, into));
    if (complete) return {};
  }
  return bad(
      "table " + to_string(schema.table) + ": neither the row nor the record's key has the table's whole key",
      "leave the key's columns in the events (column.exclude.list)");
}

Result<Row> EventReader::Impl::old_row(const dom::object& json, const RecordBytes& record, RowLayout& layout,
                                       bool unwrapped, ReadInto into) {
  if (!layout.identity_has_key())
    return bad(
        "table " + to_string(layout.catalog()->table) +
            ": its replica identity is an index without the table's key, so the record does not say which "
            "row is meant",
        "ALTER TABLE " + quoted(layout.catalog()->table) + " REPLICA IDENTITY DEFAULT");
  PENSTOCK_ASSIGN(Row row, layout.read(json, true, unwrapped, into));
  PENSTOCK_TRY(complete(row, record, into));
  return row;
}

Status EventReader::Impl::read_change(const Envelope& envelope, const RecordBytes& record, RowLayout& layout,
                                      ReadRecord& made, EventBatch& batch) {
  const RecordHead& head = made.head;
  const ReadInto into{batch.arena, scratch_};
  const auto before = object_in(envelope.before);
  if (head.operation == Operation::kDelete) {
    if (!before) return bad("a delete (op d) without a row in before");
    PENSTOCK_ASSIGN(const Row row, old_row(*before, record, layout, false, into));
    append(batch, EventKind::kDelete, row.shape->schema, row.values, nullptr, head);
    return {};
  }
  const auto after = object_in(envelope.after);
  if (!after)
    return bad(std::string("an event (op ") + static_cast<char>(head.operation) + ") without a row in after");
  PENSTOCK_ASSIGN(Row row, layout.read(*after, false, false, into));
  PENSTOCK_TRY(complete(row, record, into));
  const Value* old = nullptr;
  // An identity without the key does not say whether the key was another one.
  if (head.operation == Operation::kUpdate && before && layout.identity_has_key()) {
    PENSTOCK_ASSIGN(const Row was, old_row(*before, record, layout, false, into));
    if (was.shape->schema != row.shape->schema)
      return bad("before and after of an event have different fields");
    old = was.values;
  }
  const bool patch = head.operation == Operation::kUpdate || row.has_unchanged;
  made.doubtful = row.doubtful && (patch || is_key_change(record));
  append(batch, patch ? EventKind::kUpdate : EventKind::kInsert, row.shape->schema, old, row.values, head);
  return {};
}

Result<ReadRecord> EventReader::Impl::read_event(const Envelope& envelope, const RecordBytes& record,
                                                 EventBatch& batch) {
  ReadRecord made{Outcome::kEvent, {}, {}, false};
  PENSTOCK_TRY(read_head(envelope, made.head));
  if (made.head.operation == Operation::kMessage)
    return ReadRecord{Outcome::kIgnored, std::move(made.head), "a logical message", false};
  PENSTOCK_TRY(check_table(made.head));
  PENSTOCK_ASSIGN(RowLayout * layout, layout_of(record, made.head.table));
  if (made.head.operation == Operation::kTruncate) {
    append(batch, EventKind::kTruncate, layout->catalog(), nullptr, nullptr, made.head);
  } else {
    PENSTOCK_TRY(read_change(envelope, record, *layout, made, batch));
  }
  return made;
}

Result<ReadRecord> EventReader::Impl::read_unwrapped(const dom::object& row, const RecordBytes& record,
                                                     EventBatch& batch) {
  ReadRecord made{Outcome::kEvent, {}, {}, false};
  RecordHead& head = made.head;
  head.operation = Operation::kMessage;  // until something says what it is
  PENSTOCK_ASSIGN(RowLayout * layout, layout_of(record, table_));
  PENSTOCK_ASSIGN(const RowShape* shape, layout->shape_of(row, true));
  const bool is_row = std::any_of(shape->fields.begin(), shape->fields.end(),
                                  [](const RowShape::Field& field) { return field.reader != nullptr; });
  if (!is_row)
    return bad("the record is neither an event nor a row of table " + to_string(layout->catalog()->table));
  for (const auto& [name, text] : record.headers)
    if (name.starts_with(kAddedPrefix)) read_added(name.substr(kAddedPrefix.size()), text, head);
  bool deleted = false;
  for (const std::string& name : shape->added) {
    const dom::element value = row.at_key(name).value();
    if (name == kDeletedField) {
      deleted = is_true(value);
    } else {
      read_added(std::string_view(name).substr(kAddedPrefix.size()), value, head);
    }
  }
  name_table(head);
  PENSTOCK_TRY(check_table(head));
  const ReadInto into{batch.arena, scratch_};
  if (deleted ||
      head.operation == Operation::kDelete) {  // what the row has beside its identity is not its values
    head.operation = Operation::kDelete;
    PENSTOCK_ASSIGN(const Row old, old_row(row, record, *layout, true, into));
    append(batch, EventKind::kDelete, old.shape->schema, old.values, nullptr, head);
    return made;
  }
  head.place.snapshot = head.operation == Operation::kRead;
  PENSTOCK_ASSIGN(Row now, layout->read(row, false, true, into));
  PENSTOCK_TRY(complete(now, record, into));
  const bool patch = head.operation == Operation::kUpdate || now.has_unchanged;
  made.doubtful = now.doubtful && head.operation != Operation::kCreate && head.operation != Operation::kRead;
  if (head.operation == Operation::kMessage) head.operation = Operation::kUpdate;
  append(batch, patch ? EventKind::kUpdate : EventKind::kInsert, now.shape->schema, nullptr, now.values,
         head);
  return made;
}

Result<ReadRecord> EventReader::Impl::read_null(const RecordBytes& record, EventBatch& batch) {
  const ReadRecord tombstone{Outcome::kTombstone, {}, {}, false};
  if (wrapping_ == Wrapping::kEnveloped || !record.key) return tombstone;
  ReadRecord made{Outcome::kEvent, {}, {}, false};
  RecordHead& head = made.head;
  for (const auto& [name, text] : record.headers)
    if (name.starts_with(kAddedPrefix)) read_added(name.substr(kAddedPrefix.size()), text, head);
  head.operation = Operation::kDelete;
  name_table(head);
  PENSTOCK_TRY(check_table(head));
  std::string_view json = *record.key;
  std::string_view key_schema;
  if (const auto split = split_inline(json)) {
    key_schema = catalog_ ? std::string_view() : split->schema;
    json = split->payload;
  }
  RowLayout* layout = layouts_.newest();
  if (layout == nullptr) {
    PENSTOCK_ASSIGN(layout, layouts_.find(key_schema, *record.key, head.table));
  }
  const auto row = [&]() -> Result<Row> {
    PENSTOCK_ASSIGN(const dom::object key, parse_object(key_parser_, json, "the record's key"));
    return layout->read_key(key, ReadInto{batch.arena, scratch_});
  }();
  if (!row && wrapping_ == Wrapping::kUnknown) return tombstone;
  if (!row) return fail(row.error());
  append(batch, EventKind::kDelete, row->shape->schema, row->values, nullptr, head);
  return made;
}

void EventReader::Impl::append(EventBatch& batch, EventKind kind,
                               const std::shared_ptr<const TableSchema>& schema, const Value* before,
                               const Value* after, const RecordHead& head) {
  const auto held = std::find(batch.schemas.rbegin(), batch.schemas.rend(), schema);
  if (held == batch.schemas.rend()) batch.schemas.push_back(schema);
  Event event;
  event.kind = kind;
  event.schema = schema.get();
  event.before = before;
  event.after = after;
  event.commit_micros = head.commit_micros;
  event.lsn = head.place.lsn.value_or(Lsn{});
  event.last_commit = head.place.last_commit.value_or(Lsn{});
  event.transaction = head.transaction.value_or(0);
  batch.events.push_back(event);
}

EventReader::EventReader(ReadOptions options, std::shared_ptr<const TableSchema> schema)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(schema))) {}
EventReader::~EventReader() = default;
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;

Result<ReadRecord> EventReader::read(const RecordBytes& record, EventBatch& batch) {
  return impl_->read(record, batch);
}

const std::set<std::string>& EventReader::unknown_fields() const { return impl_->unknown_fields(); }

}  // namespace penstock::envelope
