// hstore from a JSON object, or from the text of one.
#pragma once

#include <optional>

#include "envelope/read/column_reader.h"

namespace penstock::envelope {

// In hstore's own order, which events do not keep (shorter keys first, then by bytes; PostgreSQL source:
// hstore_io.c). Nothing for what is no object of texts and nulls.
std::optional<Value> read_hstore(const simdjson::dom::element& json, ReadInto into);

}  // namespace penstock::envelope
