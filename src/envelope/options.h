// How values become JSON in Debezium's events. Names and meanings are those of the connector's settings of
// the same name (Debezium documentation 3.5: "Debezium connector for PostgreSQL", Connector properties).
#pragma once

#include <cstdint>
#include <string>

namespace penstock::envelope {

enum class DecimalMode : std::uint8_t {
  kPrecise,  // the unscaled number's bytes, in base64; without a declared scale {scale, value}
  kDouble,
  kString,
};
enum class TimeMode : std::uint8_t {
  kAdaptive,              // milliseconds where the precision is at most 3, else microseconds
  kAdaptiveMicroseconds,  // the same, but `time` always in microseconds
  kConnect,               // milliseconds
  kMicroseconds,
  kNanoseconds,
  kIsoString,
};
enum class BinaryMode : std::uint8_t { kBytes, kBase64, kBase64UrlSafe, kHex };
enum class HstoreMode : std::uint8_t { kJson, kMap };
enum class IntervalMode : std::uint8_t { kNumeric, kString };

// schema.name.adjustment.mode: what stands for characters that a name may not have.
enum class NameMode : std::uint8_t {
  kNone,
  kAvro,         // an underscore
  kAvroUnicode,  // _u and the character's number
};
// event.converting.failure.handling.mode: a value that has no place in its form is …
enum class FailureMode : std::uint8_t {
  kFail,  // an error
  kWarn,  // null, which the log says
  kSkip,  // null
};

struct Options {
  std::string server;  // topic.prefix: source.name
  std::string database;
  DecimalMode decimals = DecimalMode::kPrecise;
  TimeMode times = TimeMode::kAdaptive;
  BinaryMode binary = BinaryMode::kBytes;
  HstoreMode hstore = HstoreMode::kJson;
  IntervalMode intervals = IntervalMode::kNumeric;
  int money_digits = 2;
  FailureMode failures = FailureMode::kFail;
  bool key_schemas = false;  // key.converter.schemas.enable: {"schema":…,"payload":…}
  bool value_schemas = false;
  NameMode names = NameMode::kNone;
  std::string unavailable = "__debezium_unavailable_value";  // stands for an unchanged TOAST value
};

}  // namespace penstock::envelope
