// What a column's values look like in JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "envelope/mask.h"
#include "envelope/options.h"

namespace penstock::envelope {

enum class Form : std::uint8_t {
  kBool,
  kInteger,  // of at most 64 bits
  kFloat,
  kText,  // as PostgreSQL prints it
  kFixedDecimal,
  kVariableDecimal,
  kDoubleDecimal,
  kMoney,
  kBytes,
  kBits,
  kDate,
  kMillis,  // of a timestamp
  kMicros,
  kNanos,
  kTimeMillis,  // of a time of day
  kTimeMicros,
  kTimeNanos,
  kIsoDate,
  kIsoTimestamp,
  kIsoTime,
  kZonedTimestamp,
  kZonedTime,
  kIntervalMicros,
  kIsoInterval,
  kPoint,
  kHstore,
};

struct ColumnForm {
  Form form = Form::kText;
  int scale = 0;      // kFixedDecimal
  bool list = false;  // an array of values of this form
};

// A column as the catalog describes it.
struct ColumnFacts {
  std::string name;
  std::uint32_t type = 0;  // its OID; of a domain that of its base type
  std::int32_t modifier = -1;
  std::uint32_t element = 0;  // of an array: the OID of its elements' type; 0: no array
  bool is_enum = false;
  bool is_hstore = false;
  bool not_null = false;
  bool taken = true;                      // into the values; a key has it in any case
  std::shared_ptr<const Mask> mask = {};  // of texts
  std::string default_json = {};          // of the column's default; empty: none that can be named
  std::string enum_labels = {};           // separated by commas
  std::string source_type = {};           // pg_type.typname
  bool names_source_type = false;         // column.propagate.source.type, datatype.propagate.source.type
};

// None: a type that Debezium's events leave out (composites, multiranges, line, box, path, …).
std::optional<ColumnForm> form_of(const ColumnFacts& column, const Options& options);

}  // namespace penstock::envelope
