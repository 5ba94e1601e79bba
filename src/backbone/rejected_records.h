// A record that could not be read, to be parked.
#pragma once

#include "backbone/consumer.h"
#include "backbone/topic_intake.h"
#include "base/error.h"
#include "base/result.h"
#include "model/event_batch.h"
#include "model/rejected_record.h"
#include "model/table_schema.h"

namespace penstock::backbone {

// With the row's key where the record's key is JSON that has all its columns as texts, numbers or booleans.
// `schema` may be null.
RejectedRecord rejected(const ConsumedRecord& record, const TableName& table, const TableSchema* schema,
                        Error error);

// Parks one that the intake could not read, for what is wrong with itself (kBadValue), where that is
// `wanted`. Else the error.
Status park(const ConsumedRecord& record, const TopicIntake& intake, Error error, bool wanted,
            EventBatch& batch);

}  // namespace penstock::backbone
