// A record of a topic that became no row, as it is parked:
//   {_id: {pipeline, topic, partition, offset}, collection, table, columns, key, reason, error, remedy, kind,
//    at, record: {key, value, headers: [{name, value}], timestamp, value_bytes}}
// Bytes are binary, null as they were; a value too large for a document is cut, and `value_bytes` says how
// long it was (key_bytes of a key likewise). `columns` and `key` are those of the row, where known.
#pragma once

#include <vector>

#include "model/rejected_record.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/stage/staged_group.h"

namespace penstock::mongo {

// One for each collection made from the record's table; else one in kDeadLetters.
std::vector<DeadLetter> dead_letters_of(const Options& options, const RejectedRecord& record);

}  // namespace penstock::mongo
