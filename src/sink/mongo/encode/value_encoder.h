// One Value to one BSON element. Errors carry the reason alone; append_field() adds the column and the value.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "model/civil_time.h"
#include "model/document_write.h"
#include "sink/mongo/encode/document_encoder.h"

namespace penstock::mongo {

struct EncodeContext {
  EncodeCounts& counts;
  bool in_id = false;      // nothing may be lost: two rows must not meet
  bool from_real = false;  // doubles came from real: printed as real is
  int depth = 0;           // sub-documents and arrays around the value, inside its field
};

// The default mapping (docs/types.md).
Status append_value(_bson_t& document, std::string_view name, const Value& value, EncodeContext& context);
// The mapping of `as:`; kDefault is append_value().
Status append_as(_bson_t& document, std::string_view name, BsonType as, const Value& value,
                 EncodeContext& context);
// JSON text as a document, array or scalar. kBadValue when it is no JSON.
Status append_json(_bson_t& document, std::string_view name, std::string_view json, EncodeContext& context);

// A decimal text as Decimal128, or counted and as the string itself when no Decimal128 holds it.
Status append_decimal(_bson_t& document, std::string_view name, std::string_view text,
                      EncodeContext& context);
Status append_string(_bson_t& document, std::string_view name, std::string_view text);
// The moment of a timestamp; nothing for infinities.
std::optional<DayTime> day_time_of(const Timestamp& timestamp);
Status append_date_time(_bson_t& document, std::string_view name, std::int64_t millis);
// kRejectedDocument when one more level is too many.
Status check_depth(const EncodeContext& context);

}  // namespace penstock::mongo
