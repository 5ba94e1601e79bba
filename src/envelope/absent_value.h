// What stands for a value that nothing is known of.
#pragma once

#include <string>

#include "envelope/column_form.h"
#include "envelope/options.h"

namespace penstock::envelope {

// JSON of the value of nothing ("", 0, 1970-01-01), in the column's form, as Debezium writes it of a column
// that may not be null. Of one value, not of an array.
std::string absent_value(const ColumnFacts& column, const ColumnForm& form, const Options& options);

}  // namespace penstock::envelope
