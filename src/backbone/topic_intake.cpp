#include "backbone/topic_intake.h"

#include <algorithm>
#include <utility>

#include "backbone/redelivery.h"
#include "base/log.h"

namespace penstock::backbone {
namespace {

std::string where(const ConsumedRecord& record) {
  return std::string(record.topic) + "[" + std::to_string(record.partition) + "] offset " +
         std::to_string(record.offset);
}

constexpr std::size_t kShownKey = 200;

// The row that the record is of, as its key says; of a key with its schema only the payload.
std::string key_of(const ConsumedRecord& record) {
  if (!record.key || record.key->empty()) return {};
  std::string_view key = *record.key;
  constexpr std::string_view kPayload = "\"payload\":";
  if (const auto payload = key.find(kPayload); payload != std::string_view::npos && key.back() == '}')
    key = key.substr(payload + kPayload.size(), key.size() - payload - kPayload.size() - 1);
  const bool printable = std::none_of(key.begin(), key.end(), [](char one) { return one >= 0 && one < ' '; });
  if (!printable || key.size() > kShownKey) return {};
  return " (key " + std::string(key) + ")";
}

// Whether its row is an update's, or the one that a changed key made: such a record may leave values out.
bool is_of_an_update(const ConsumedRecord& record, const envelope::RecordHead& head) {
  if (head.operation == envelope::Operation::kUpdate) return true;
  return std::any_of(record.headers.begin(), record.headers.end(),
                     [](const auto& header) { return header.first == "__debezium.oldkey"; });
}

envelope::RecordBytes bytes_of(const ConsumedRecord& record) {
  return {record.key, record.value, record.headers};
}

}  // namespace

Status TopicIntake::open() {
  PENSTOCK_TRY(look_again());
  return {};
}

Result<bool> TopicIntake::look_again() {
  CatalogTable now;
  if (describe_) {
    PENSTOCK_ASSIGN(now, describe_(table_));
  }
  const bool changed = !reader_ || !now.schema || now.schema->fingerprint() != schema_->fingerprint() ||
                       now.schema->replica_identity != schema_->replica_identity ||
                       now.identity != options_.identity;
  if (!changed) return false;
  schema_ = std::move(now.schema);
  options_.table = table_;
  options_.identity = std::move(now.identity);
  options_.other_tables = now.partitioned;
  reader_ = std::make_unique<envelope::EventReader>(options_, schema_);
  unknown_ = 0;
  return true;
}

// A record that surprises by its fields or values: the table may have changed its columns since the catalog
// was asked.
Result<envelope::ReadRecord> TopicIntake::read(const envelope::RecordBytes& bytes, EventBatch& batch) {
  const std::size_t before = batch.events.size();
  auto outcome = reader_->read(bytes, batch);
  const std::size_t unknown = reader_->unknown_fields().size();
  const bool surprised = outcome ? std::exchange(unknown_, unknown) < unknown
                                 : outcome.error().kind == ErrorKind::kBadValue && describe_;
  if (!surprised) return outcome;
  PENSTOCK_ASSIGN(const bool changed, look_again());
  if (!changed) return outcome;
  log::info("{} has changed its columns: its records are read by the new ones", to_string(table_));
  batch.events.resize(before);
  outcome = reader_->read(bytes, batch);
  unknown_ = reader_->unknown_fields().size();  // of columns that were dropped since
  return outcome;
}

bool TopicIntake::is_again(const ConsumedRecord& record, const envelope::RecordHead& head, Place& place) {
  switch (delivery_of(place, head.place)) {
    case Delivery::kAgain:
      if (counts_.again++ == 0)
        log::info("{}: records from here on are delivered again, they are left out", where(record));
      return true;
    case Delivery::kNewHistory:
      log::warn(
          "{}: a load at {} comes after changes beyond {}: PostgreSQL was set back or is another one; "
          "from here on its records count anew",
          where(record), to_string(*head.place.lsn), to_string(place.last_commit));
      place.last_commit = place.lsn = Lsn{};
      break;
    case Delivery::kNew:
      break;
  }
  note(place, head.place);
  return false;
}

void TopicIntake::prime(const ConsumedRecord& record) {
  if (!record.value) return;
  EventBatch unused;
  static_cast<void>(reader_->read(bytes_of(record), unused));
}

Result<std::optional<envelope::RecordHead>> TopicIntake::take(const ConsumedRecord& record, Place& place,
                                                              EventBatch& batch) {
  const std::size_t before = batch.events.size();
  left_out_.reset();
  ++counts_.records;
  place.next = record.offset + 1;
  place.last_millis = record.millis;
  auto outcome = read(bytes_of(record), batch);
  if (!outcome) {
    batch.events.resize(before);
    if (record.value) left_out_ = envelope::read_record_head(*record.value);
    Error error = std::move(outcome).error();
    error.message = where(record) + key_of(record) + ": " + error.message;
    return fail(std::move(error));
  }
  if (outcome->outcome != envelope::Outcome::kEvent) {
    ++counts_.ignored;
    return std::optional<envelope::RecordHead>();
  }
  if (is_again(record, outcome->head, place)) {
    batch.events.resize(before);
    left_out_ = std::move(outcome->head);
    return std::optional<envelope::RecordHead>();
  }
  Event& event = batch.events.back();
  if (outcome->head.place.lsn) event.position.commit_lsn = *outcome->head.place.lsn;
  if (is_of_an_update(record, outcome->head)) {
    if (Status settled = hidden_.settle(event, batch); !settled) {
      batch.events.resize(before);
      return fail(std::move(settled).error());
    }
  }
  return std::optional(std::move(outcome->head));
}

}  // namespace penstock::backbone
