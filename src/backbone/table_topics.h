// Events as records: topics, keys, envelopes, tombstones and headers as Debezium writes them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "backbone/producer.h"
#include "backbone/record_form.h"
#include "backbone/topic_options.h"
#include "backbone/transaction_monitor.h"
#include "base/result.h"
#include "envelope/envelope.h"
#include "model/event_batch.h"

namespace penstock::backbone {

// "shop.public.orders": each character that Kafka does not allow in a topic's name becomes an underscore.
std::string topic_name(const TopicOptions& options, const TableName& table);

// One thread. Keeps an envelope for each shape of a table that was seen.
class TableTopics {
 public:
  // `now_nanos`: the time, since 1970 UTC.
  TableTopics(const TopicOptions& options, std::int64_t (*now_nanos)());

  // Appends the records that the event means: none for a truncate that is skipped, three for a changed key.
  // Errors as TableEnvelope; kConfiguration for a transformation that does not fit the table.
  Status append(const EventBatch& batch, const Event& event, std::vector<Record>& records);
  // What was appended last ends its transaction.
  void finish_transaction(std::vector<Record>& records);
  std::optional<TransactionMonitor>& monitor() { return monitor_; }  // none: not asked for

 private:
  struct Topic {
    std::shared_ptr<const TableSchema> schema;
    std::string name;
    std::unique_ptr<envelope::TableEnvelope> envelope;
    std::unique_ptr<RecordForm> form;
  };
  Status append_message(const Event& event, std::vector<Record>& records);
  Result<Topic*> topic_of(const EventBatch& batch, const TableSchema& schema);
  // `change` has its operation and rows; the rest is filled in. `header` goes before all others. A delete's
  // tombstone is appended too, and what comes before it in the topic of transactions.
  Status append_change(const Topic& topic, const Event& event, envelope::Change change, const Header* header,
                       std::vector<Record>& records);
  Status append_update(const Topic& topic, const Event& event, std::vector<Record>& records);

  const TopicOptions options_;
  std::int64_t (*const now_nanos_)();
  std::vector<Header> headers_;  // of every record
  std::optional<TransactionMonitor> monitor_;
  std::unordered_map<const TableSchema*, Topic> topics_;
};

}  // namespace penstock::backbone
