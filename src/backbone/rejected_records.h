// A record that could not be read, to be parked.
#pragma once

#include "backbone/consumer.h"
#include "base/error.h"
#include "model/rejected_record.h"
#include "model/table_schema.h"

namespace penstock::backbone {

// With the row's key where the record's key is JSON that has all its columns as texts, numbers or booleans.
// `schema` may be null.
RejectedRecord rejected(const ConsumedRecord& record, const TableName& table, const TableSchema* schema,
                        Error error);

}  // namespace penstock::backbone
