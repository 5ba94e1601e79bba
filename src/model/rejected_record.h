// A record of a topic that could not be read, or that makes no row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/checkpoint.h"

namespace penstock {

struct RecordHeader {
  std::string name;
  std::optional<std::string> value;  // none: null
};

// Parked beside the documents with `errors: dead_letter`; with `errors: stop` its error ends the leg instead.
// (topic, partition, offset) names it: parked again, it takes the place of what was parked before.
struct RejectedRecord {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_millis = 0;  // since 1970 UTC; 0: the record has none
  // Bytes as they came; none: null.
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<RecordHeader> headers;
  // to_string(TableName) of the table that the topic is of: each collection made from it gets the letter.
  // Empty, or of no collection: it is parked for none of them.
  std::string table;
  // The row's key, where the record's key could be read: what a retry reads again. `row_key` as PostgreSQL
  // prints the columns named here, in their order; both empty: not known.
  std::vector<std::string> row_columns;
  KeyText row_key;
  Error error;

  std::size_t bytes() const {
    std::size_t size = sizeof(RejectedRecord) + topic.size() + table.size() + error.message.size();
    if (key) size += key->size();
    if (value) size += value->size();
    for (const RecordHeader& header : headers)
      size += sizeof(RecordHeader) + header.name.size() + (header.value ? header.value->size() : 0);
    return size;
  }
};

}  // namespace penstock
