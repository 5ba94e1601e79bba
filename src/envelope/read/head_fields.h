// RecordHead from the JSON of a record.
#pragma once

#include <simdjson.h>

#include "envelope/read/record_head.h"

namespace penstock::envelope {

// Of an enveloped record: `source`, `transaction` and the times. `ts_millis` is the record's own.
Status read_source(const simdjson::dom::object& source, RecordHead& head);
Status read_transaction_block(const simdjson::dom::object& block, RecordHead& head);

// A field that ExtractNewRecordState added to an unwrapped row ("__op", "__source_lsn"; add.fields and
// add.headers), without the prefix. False: none that says anything of the record's head.
bool read_added(std::string_view name, const simdjson::dom::element& value, RecordHead& head);
bool read_added(std::string_view name, std::string_view text, RecordHead& head);
inline constexpr std::string_view kAddedPrefix = "__";
inline constexpr std::string_view kDeletedField = "__deleted";

std::optional<Operation> operation_of(std::string_view letter);

}  // namespace penstock::envelope
