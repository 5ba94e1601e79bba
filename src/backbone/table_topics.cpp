#include "backbone/table_topics.h"

#include <algorithm>

#include "backbone/random_uuid.h"
#include "base/log.h"
#include "pgtype/builtin_types.h"

namespace penstock::backbone {
namespace {

constexpr std::size_t kMaxKnown = 256;
const std::string kContext = "__debezium.context.";
constexpr const char* kNewKey = "__debezium.newkey";
constexpr const char* kOldKey = "__debezium.oldkey";

// The record's key: the table's, or the columns that a rule names.
std::vector<std::uint16_t> key_of(const TableSchema& schema, const envelope::ColumnRules& rules) {
  const auto* named = rules.key_of(to_string(schema.table));
  if (named == nullptr) return schema.key;
  std::vector<std::uint16_t> key;
  for (const std::string& name : *named)
    if (const auto column = schema.find(name)) key.push_back(*column);
  return key;
}

envelope::TableFacts facts_of(const TableSchema& schema, const envelope::ColumnRules& rules) {
  envelope::TableFacts facts{schema.table.schema, schema.table.name, {}, key_of(schema, rules)};
  for (const Column& column : schema.columns) {
    envelope::ColumnFacts made;
    made.name = column.name;
    made.type = column.base_type_oid != 0 ? column.base_type_oid : column.type_oid;
    made.modifier = column.type_modifier;
    made.not_null = column.not_null;
    if (const auto type = pgtype::builtin_type(made.type); type && type->category == 'A')
      made.element = type->element;
    made.is_hstore = column.type_name == "hstore" || column.type_name.ends_with(".hstore");
    const std::string place = to_string(schema.table) + "." + column.name;
    made.taken = rules.takes(place);
    made.mask = rules.mask_of(place);
    if (made.mask && (made.type == 1042 || made.type == 1043) && made.modifier > 4)
      made.mask = envelope::cut_to(*made.mask, static_cast<std::size_t>(made.modifier - 4));
    facts.columns.push_back(std::move(made));
  }
  return facts;
}

std::optional<envelope::Operation> operation_of(EventKind kind) {
  switch (kind) {
    case EventKind::kLoad:
      return envelope::Operation::kRead;
    case EventKind::kInsert:
      return envelope::Operation::kCreate;
    case EventKind::kUpdate:
      return envelope::Operation::kUpdate;
    case EventKind::kDelete:
      return envelope::Operation::kDelete;
    case EventKind::kTruncate:
      return envelope::Operation::kTruncate;
    case EventKind::kMessage:
    case EventKind::kAbsent:
    case EventKind::kCommit:
    case EventKind::kProgress:
      break;
  }
  return std::nullopt;
}

envelope::Origin origin_of(const Event& event) {
  envelope::Origin origin;
  origin.commit_micros = event.commit_micros;
  if (event.transaction != 0 || event.kind != EventKind::kMessage) origin.transaction = event.transaction;
  origin.lsn = event.lsn;
  origin.last_commit = event.last_commit;
  if (event.kind == EventKind::kLoad) origin.snapshot = "true";
  return origin;
}

// Of the old row, with the key columns that were not sent as they are now.
std::vector<Value> old_key_row(const TableSchema& schema, const Event& event) {
  std::vector<Value> row(event.before, event.before + schema.columns.size());
  for (const std::uint16_t column : schema.key) {
    if (row[column].is_unchanged()) row[column] = event.after[column];
  }
  return row;
}

}  // namespace

std::string topic_name(const TopicOptions& options, const TableName& table) {
  const std::string& between = options.delimiter;
  std::string name;
  for (const char c : options.values.server + between + table.schema + between + table.name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                         c == '.' || c == '_' || c == '-';
    if (allowed || byte < 0x80 || byte >= 0xc0) name += allowed ? c : '_';
    if (byte >= 0xf0) name += '_';  // beyond the basic plane Java has two
  }
  return name;
}

TableTopics::TableTopics(const TopicOptions& options, std::int64_t (*now_nanos)())
    : options_(options), now_nanos_(now_nanos) {
  if (options_.transactions)
    monitor_.emplace(options_.values.server + options_.delimiter + options_.transaction_topic);
  if (!options_.context_headers) return;
  headers_ = {{kContext + "connectorLogicalName", options_.values.server},
              {kContext + "taskId", "0"},
              {kContext + "connectorName", "postgresql"},
              {kContext + "runId", random_uuid()}};
}

TableTopics::Topic& TableTopics::topic_of(const EventBatch& batch, const TableSchema& schema) {
  if (const auto known = topics_.find(&schema); known != topics_.end()) return known->second;
  if (topics_.size() >= kMaxKnown) topics_.clear();
  Topic& topic = topics_[&schema];
  const auto owner = std::find_if(batch.schemas.begin(), batch.schemas.end(),
                                  [&](const auto& held) { return held.get() == &schema; });
  if (owner != batch.schemas.end())
    topic.schema = *owner;  // so that its address cannot come to mean another one
  topic.name = topic_name(options_, schema.table);
  topic.envelope =
      std::make_unique<envelope::TableEnvelope>(options_.values, facts_of(schema, options_.columns));
  for (const std::string& column : topic.envelope->left_out())
    log::warn("column {}.{} is left out of the events: Debezium's events have no form for its type",
              to_string(schema.table), column);
  return topic;
}

Result<Record> TableTopics::record_of(const Topic& topic, const Event& event, envelope::Operation operation,
                                      const Value* before, const Value* after, std::vector<Record>& records) {
  Record record;
  record.topic = topic.name;
  record.headers = headers_;
  const Value* row = after != nullptr ? after : before;
  if (row != nullptr && topic.envelope->has_key()) {
    record.key.emplace();
    PENSTOCK_TRY(topic.envelope->append_key(*record.key, row));
  }
  envelope::Change change;
  change.operation = operation;
  change.before = before;
  change.after = after;
  change.origin = origin_of(event);
  if (monitor_ && event.kind != EventKind::kLoad)
    change.transaction = monitor_->next(event, to_string(event.schema->table), records);
  change.now_nanos = now_nanos_();
  record.value.emplace();
  PENSTOCK_TRY(topic.envelope->append_value(*record.value, change));
  return record;
}

Status TableTopics::append_delete(const Topic& topic, const Event& event, const Value* before,
                                  std::vector<Record>& records, const Header* header) {
  PENSTOCK_ASSIGN(Record gone,
                  record_of(topic, event, envelope::Operation::kDelete, before, nullptr, records));
  if (header != nullptr) gone.headers.insert(gone.headers.begin(), *header);
  Record tombstone;
  tombstone.topic = gone.topic;
  tombstone.key = gone.key;
  tombstone.headers = gone.headers;
  records.push_back(std::move(gone));
  if (options_.tombstones) records.push_back(std::move(tombstone));
  return {};
}

// A changed key is another record's: the old one goes.
Status TableTopics::append_update(const Topic& topic, const Event& event, std::vector<Record>& records) {
  if (event.before != nullptr && topic.envelope->has_key()) {
    const std::vector<Value> old = old_key_row(*event.schema, event);
    std::string before;
    std::string after;
    PENSTOCK_TRY(topic.envelope->append_key(before, old.data()));
    PENSTOCK_TRY(topic.envelope->append_key(after, event.after));
    if (before != after) {
      const Header new_key{kNewKey, after};
      PENSTOCK_TRY(append_delete(topic, event, old.data(), records, &new_key));
      PENSTOCK_ASSIGN(Record created,
                      record_of(topic, event, envelope::Operation::kCreate, nullptr, event.after, records));
      created.headers.insert(created.headers.begin(), {kOldKey, before});
      records.push_back(std::move(created));
      return {};
    }
  }
  if (options_.skips('u')) return {};
  PENSTOCK_ASSIGN(Record record,
                  record_of(topic, event, envelope::Operation::kUpdate, event.before, event.after, records));
  records.push_back(std::move(record));
  return {};
}

Status TableTopics::append_message(const Event& event, std::vector<Record>& records) {
  envelope::Message message;
  message.prefix = event.after[0].get<Text>()->text;
  message.content = event.after[1].get<Bytes>()->bytes;
  if (options_.exclude_messages.match(message.prefix)) return {};
  if (!options_.include_messages.empty() && !options_.include_messages.match(message.prefix)) return {};
  message.origin = origin_of(event);
  message.now_nanos = now_nanos_();
  if (monitor_ && event.transaction != 0) message.transaction = monitor_->next(event, "", records);
  Record record;
  record.topic = options_.values.server + options_.delimiter + "message";
  record.key.emplace();
  envelope::append_message_key(*record.key, message.prefix);
  record.value.emplace();
  envelope::append_message_value(*record.value, options_.values, message);
  records.push_back(std::move(record));
  return {};
}

Status TableTopics::append(const EventBatch& batch, const Event& event, std::vector<Record>& records) {
  if (event.kind == EventKind::kMessage) return append_message(event, records);
  if (event.schema == nullptr) return {};
  const auto operation = operation_of(event.kind);
  if (!operation) return {};
  const Topic& topic = topic_of(batch, *event.schema);
  if (event.kind == EventKind::kUpdate) return append_update(topic, event, records);
  if (options_.skips(static_cast<char>(*operation))) return {};
  if (event.kind == EventKind::kDelete) return append_delete(topic, event, event.before, records, nullptr);
  PENSTOCK_ASSIGN(Record record, record_of(topic, event, *operation, nullptr, event.after, records));
  records.push_back(std::move(record));
  return {};
}

void TableTopics::finish_transaction(std::vector<Record>& records) {
  if (monitor_) monitor_->finish(records);
}

}  // namespace penstock::backbone
