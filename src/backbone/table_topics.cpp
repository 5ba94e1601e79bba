#include "backbone/table_topics.h"

#include <algorithm>

#include "backbone/random_uuid.h"
#include "backbone/table_facts.h"
#include "base/log.h"
#include "envelope/message.h"

namespace penstock::backbone {
namespace {

using envelope::Operation;

constexpr std::size_t kMaxKnown = 256;
const std::string kContext = "__debezium.context.";
constexpr const char* kNewKey = "__debezium.newkey";
constexpr const char* kOldKey = "__debezium.oldkey";

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
    monitor_.emplace(options_.values.server + options_.delimiter + options_.transaction_topic,
                     options_.values);
  if (!options_.context_headers) return;
  headers_ = {{kContext + "connectorLogicalName", options_.values.server},
              {kContext + "taskId", "0"},
              {kContext + "connectorName", "postgresql"},
              {kContext + "runId", random_uuid()}};
}

Result<TableTopics::Topic*> TableTopics::topic_of(const EventBatch& batch, const TableSchema& schema) {
  if (const auto known = topics_.find(&schema); known != topics_.end()) return &known->second;
  if (topics_.size() >= kMaxKnown) topics_.clear();
  Topic topic;
  const auto owner = std::find_if(batch.schemas.begin(), batch.schemas.end(),
                                  [&](const auto& held) { return held.get() == &schema; });
  if (owner != batch.schemas.end())
    topic.schema = *owner;  // so that its address cannot come to mean another one
  topic.name = topic_name(options_, schema.table);
  const envelope::TableFacts facts = facts_of(schema, options_, topic.name);
  topic.envelope = std::make_unique<envelope::TableEnvelope>(options_.values, facts);
  PENSTOCK_ASSIGN(topic.form, form_of(options_, facts, *topic.envelope));
  for (const std::string& column : topic.envelope->left_out())
    log::warn("column {}.{} is left out of the events: Debezium's events have no form for its type",
              to_string(schema.table), column);
  return &(topics_[&schema] = std::move(topic));
}

Status TableTopics::append_change(const Topic& topic, const Event& event, envelope::Change change,
                                  const Header* header, std::vector<Record>& records) {
  Record record;
  record.topic = topic.name;
  if (header != nullptr) record.headers.push_back(*header);
  record.headers.insert(record.headers.end(), headers_.begin(), headers_.end());
  const Value* row = change.after != nullptr ? change.after : change.before;
  if (row != nullptr && topic.envelope->has_key()) {
    record.key.emplace();
    PENSTOCK_TRY(topic.envelope->append_key(*record.key, row));
  }
  change.origin = origin_of(event);
  if (monitor_ && event.kind != EventKind::kLoad)
    change.transaction = monitor_->next(event, to_string(event.schema->table), records);
  change.now_nanos = now_nanos_();
  const bool ends = change.operation == envelope::Operation::kDelete && options_.tombstones;
  if (!ends) return topic.form->append(change, std::move(record), records);
  PENSTOCK_TRY(topic.form->append(change, record, records));
  topic.form->append_tombstone(change, std::move(record), records);
  return {};
}

// A changed key is another record's: the old one goes.
Status TableTopics::append_update(const Topic& topic, const Event& event, std::vector<Record>& records) {
  if (event.before != nullptr && topic.envelope->has_key()) {
    const std::vector<Value> old = old_key_row(*event.schema, event);
    std::string before;
    std::string after;
    PENSTOCK_TRY(topic.envelope->append_plain_key(before, old.data()));
    PENSTOCK_TRY(topic.envelope->append_plain_key(after, event.after));
    if (before != after) {
      const Header new_key{kNewKey, after};
      const Header old_key{kOldKey, before};
      PENSTOCK_TRY(append_change(topic, event, {Operation::kDelete, old.data(), nullptr}, &new_key, records));
      return append_change(topic, event, {Operation::kCreate, nullptr, event.after}, &old_key, records);
    }
  }
  if (options_.skips('u')) return {};
  return append_change(topic, event, {Operation::kUpdate, event.before, event.after}, nullptr, records);
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
  record.topic = options_.values.server + ".message";  // whatever the delimiter
  record.key = envelope::message_key(options_.values, message.prefix);
  record.value = envelope::message_value(options_.values, message);
  records.push_back(std::move(record));
  return {};
}

Status TableTopics::append(const EventBatch& batch, const Event& event, std::vector<Record>& records) {
  if (event.kind == EventKind::kMessage) return append_message(event, records);
  if (event.schema == nullptr) return {};
  const auto operation = operation_of(event.kind);
  if (!operation) return {};
  PENSTOCK_ASSIGN(const Topic* topic, topic_of(batch, *event.schema));
  if (event.kind == EventKind::kUpdate) return append_update(*topic, event, records);
  if (options_.skips(static_cast<char>(*operation))) return {};
  const Value* before = event.kind == EventKind::kDelete ? event.before : nullptr;
  return append_change(*topic, event, {*operation, before, event.after}, nullptr, records);
}

void TableTopics::finish_transaction(std::vector<Record>& records) {
  if (monitor_) monitor_->finish(records);
}

}  // namespace penstock::backbone
