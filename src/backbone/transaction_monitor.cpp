#include "backbone/transaction_monitor.h"

#include <fmt/format.h>

#include "envelope/envelope_schemas.h"
#include "envelope/value_writer.h"

namespace penstock::backbone {
namespace {

std::string id_of(const TransactionMonitor::Open& open) {
  return fmt::format("{}:{}", open.transaction, open.lsn.value);
}

}  // namespace

TransactionMonitor::TransactionMonitor(std::string topic, const envelope::Options& values)
    : topic_(std::move(topic)) {
  if (values.key_schemas) {
    key_head_ = envelope::with_schema(envelope::metadata_key_schema(values.names));
    key_tail_ += '}';
  }
  if (!values.value_schemas) return;
  value_head_ = envelope::with_schema(envelope::metadata_value_schema(values.names));
  value_tail_ += '}';
}

Record TransactionMonitor::record_of(const std::string& id, const char* status,
                                     const std::string& counts) const {
  Record record;
  record.topic = topic_;
  record.key = key_head_ + fmt::format(R"({{"id":"{}"}})", id) + key_tail_;
  record.value =
      value_head_ +
      fmt::format(R"({{"status":"{}","id":"{}",{},"ts_ms":{}}})", status, id, counts, commit_micros_ / 1000) +
      value_tail_;
  return record;
}

envelope::TransactionBlock TransactionMonitor::next(const Event& event, const std::string& table,
                                                    std::vector<Record>& records) {
  if (event.transaction != open_.transaction) {
    finish(records);
    open_.transaction = event.transaction;
    open_.lsn = event.lsn;
    commit_micros_ = event.commit_micros;
    records.push_back(record_of(id_of(open_), "BEGIN", R"("event_count":null,"data_collections":null)"));
  }
  commit_micros_ = event.commit_micros;
  open_.lsn = event.lsn;
  envelope::TransactionBlock block;
  block.data_collection_order = ++open_.events[table];
  for (const auto& [name, count] : open_.events) block.total_order += count;
  block.id = id_of(open_);
  return block;
}

void TransactionMonitor::finish(std::vector<Record>& records) {
  if (open_.transaction == 0) return;
  std::uint64_t total = 0;
  std::string list;
  for (const auto& [name, count] : open_.events) {
    total += count;
    std::string quoted;
    envelope::append_json_string(quoted, name);
    list +=
        fmt::format(R"({}{{"data_collection":{},"event_count":{}}})", list.empty() ? "" : ",", quoted, count);
  }
  records.push_back(record_of(id_of(open_), "END",
                              fmt::format(R"("event_count":{},"data_collections":[{}])", total, list)));
  open_ = Open{};
}

}  // namespace penstock::backbone
