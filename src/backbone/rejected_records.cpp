#include "backbone/rejected_records.h"

#include <simdjson.h>

#include <utility>

namespace penstock::backbone {
namespace {

std::optional<std::string> text_of(const simdjson::dom::element& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::STRING:
      return std::string(value.get_string().value_unsafe());
    case simdjson::dom::element_type::INT64:
      return std::to_string(value.get_int64().value_unsafe());
    case simdjson::dom::element_type::UINT64:
      return std::to_string(value.get_uint64().value_unsafe());
    case simdjson::dom::element_type::BOOL:
      return value.get_bool().value_unsafe() ? "t" : "f";
    default:
      return std::nullopt;
  }
}

// {"id": 1}, also as the payload of a key with its schema.
void read_key(std::string_view bytes, const TableSchema& schema, RejectedRecord& into) {
  simdjson::dom::parser parser;
  simdjson::dom::element key;
  if (parser.parse(bytes.data(), bytes.size()).get(key) != simdjson::SUCCESS) return;
  simdjson::dom::element payload;
  if (key["payload"].get(payload) == simdjson::SUCCESS && payload.is_object()) key = payload;
  KeyText texts;
  std::vector<std::string> columns;
  for (const std::uint16_t column : schema.key) {
    simdjson::dom::element value;
    if (key[schema.columns[column].name].get(value) != simdjson::SUCCESS) return;
    auto text = text_of(value);
    if (!text) return;
    columns.push_back(schema.columns[column].name);
    texts.push_back(std::move(*text));
  }
  into.row_columns = std::move(columns);
  into.row_key = std::move(texts);
}

}  // namespace

RejectedRecord rejected(const ConsumedRecord& record, const TableName& table, const TableSchema* schema,
                        Error error) {
  RejectedRecord parked;
  parked.topic = record.topic;
  parked.partition = record.partition;
  parked.offset = record.offset;
  parked.timestamp_millis = record.millis < 0 ? 0 : record.millis;
  if (record.key) parked.key.emplace(*record.key);
  if (record.value) parked.value.emplace(*record.value);
  for (const auto& [name, value] : record.headers)
    parked.headers.push_back({std::string(name), std::string(value)});
  parked.table = to_string(table);
  parked.error = std::move(error);
  if (record.key && schema != nullptr) read_key(*record.key, *schema, parked);
  return parked;
}

Status park(const ConsumedRecord& record, const TopicIntake& intake, Error error, bool wanted,
            EventBatch& batch) {
  if (error.kind != ErrorKind::kBadValue || !wanted) return fail(std::move(error));
  batch.rejected.push_back(rejected(record, intake.table(), intake.schema().get(), std::move(error)));
  return {};
}

}  // namespace penstock::backbone
