// What an event says of itself, as fields and headers of records that are not whole events any more.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "envelope/connect_schema.h"
#include "envelope/envelope.h"

namespace penstock::envelope {

struct MetadataField {
  std::string parent;  // source, transaction, or empty: the event itself
  std::string field;   // op, ts_ms, lsn, …
  std::string name;    // in the record: __op, __source_ts_ms
};

// A value of `field`: a number or a text. None: null.
struct MetadataValue {
  std::string text;
  bool is_number = false;
};

// "op,source.ts_ms,lsn:position" of add.fields and add.headers. kConfiguration for what events do not consist
// of.
Result<std::vector<MetadataField>> parse_metadata(const std::string& list, const std::string& prefix);
// Whether events have it: others are left out.
bool is_known(const MetadataField& field);
ConnectSchema schema_of(const MetadataField& field);  // optional
std::optional<MetadataValue> value_of(const MetadataField& field, const Change& change,
                                      const TableNames& names);

}  // namespace penstock::envelope
