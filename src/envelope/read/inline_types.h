// The columns of a table as the inline schema of a record describes them.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "envelope/column_form.h"
#include "model/table_schema.h"

namespace penstock::envelope {

struct InlineColumn {
  Column column;  // of the type that has these values; several of PostgreSQL's look alike (text and ranges)
  ColumnForm form;
};
// Of `after` where the schema is an event's, else of the struct itself. kBadValue for what is no schema of
// Kafka Connect's JsonConverter.
Result<std::vector<InlineColumn>> inline_columns(std::string_view schema);

}  // namespace penstock::envelope
