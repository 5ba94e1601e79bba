// Values of which a record does not tell whether they are NULL or unchanged.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "envelope/options.h"
#include "model/checkpoint.h"
#include "model/event_batch.h"

namespace penstock::backbone {

// Rows of one table as they are now, a chunk by key: kLoad for each row there is, kAbsent for the others.
using ReadRows =
    std::function<Result<EventBatchPtr>(const std::string& table, const std::vector<Reread>& rows)>;

// Debezium has a placeholder of some types only for a TOAST value that PostgreSQL did not send, and writes
// null for the others (seen of 3.5.0, tests/e2e/test_apply_toast.py): numeric, bit, ranges, most arrays,
// bytea in base64. PostgreSQL is asked for them: what it has now is what the record's row had, or what a
// later record brings.
class HiddenValues {
 public:
  HiddenValues(envelope::BinaryMode binary, ReadRows read) : binary_(binary), read_(std::move(read)) {}

  // Of an update's row, or of the one that a changed key made: replaces such nulls by the row's values in
  // PostgreSQL, by Unchanged where it is gone. Whatever asking fails with.
  Status settle(Event& event, EventBatch& batch) const;

  // Whether null does not tell in this column.
  bool may_hide(const Column& column) const;

 private:
  envelope::BinaryMode binary_;
  ReadRows read_;
};

}  // namespace penstock::backbone
