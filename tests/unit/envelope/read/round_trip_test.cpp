// What the writer writes is read again as the same value, in every handling mode: the pairs of type and mode
// that lose something are listed with what is left.
#include <map>
#include <set>

#include "unit/envelope/read/rows.h"

namespace penstock::envelope {
namespace {

struct Sample {
  std::string type;
  std::uint32_t oid;
  std::int32_t modifier;
  std::vector<std::string> texts;  // as PostgreSQL prints them
};

constexpr std::uint32_t kHstore = 90001;

std::int32_t numeric(int precision, int scale) { return (precision << 16 | (scale & 0x7ff)) + 4; }

std::vector<Sample> samples() {
  return {
      {"boolean", 16, -1, {"t", "f"}},
      {"bytea", 17, -1, {"\\x", "\\x00ff10fb", "\\x0102", "\\x01"}},
      {"\"char\"", 18, -1, {"a", ""}},
      {"name", 19, -1, {"pg_class"}},
      {"bigint", 20, -1, {"9223372036854775807", "-9223372036854775808", "0"}},
      {"smallint", 21, -1, {"32767", "-32768"}},
      {"integer", 23, -1, {"2147483647", "-2147483648", "0"}},
      {"oid", 26, -1, {"4294967295", "0"}},
      {"text", 25, -1, {"", "a\tb", "é\"\\/\u2028😀", "null", "{}", std::string(5000, 'x')}},
      {"character(5)", 1042, 9, {"ab   "}},
      {"character varying(5)", 1043, 9, {"abc"}},
      {"json", 114, -1, {"{\"b\":1, \"a\" :  [1.50,null]}", "\"x\"", "1e400"}},
      {"jsonb", 3802, -1, {"{\"a\": 1.50, \"b\": [1, 2]}", "null"}},
      {"xml", 142, -1, {"<a>1</a>"}},
      {"uuid", 2950, -1, {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}},
      {"inet", 869, -1, {"192.168.0.1/24", "::1"}},
      {"cidr", 650, -1, {"10.0.0.0/8"}},
      {"macaddr", 829, -1, {"08:00:2b:01:02:03"}},
      {"macaddr8", 774, -1, {"08:00:2b:ff:fe:01:02:03"}},
      {"tsvector", 3614, -1, {"'a':1A 'cat':5"}},
      {"real", 700, -1, {"0.1", "1e+06", "3.4028235e+38", "1e-45", "NaN", "Infinity", "-0", "16777216"}},
      {"double precision",
       701,
       -1,
       {"0.1", "1e+100", "5e-324", "NaN", "-Infinity", "-0", "123456789012345680"}},
      {"numeric(10,2)", 1700, numeric(10, 2), {"12.50", "-0.01", "0.00", "99999999.99", "-99999999.99"}},
      {"numeric(40,5)",
       1700,
       numeric(40, 5),
       {"12345678901234567890123456789012345.00001", "-1.00000", "0.00001"}},
      {"numeric(5,-2)", 1700, numeric(5, -2), {"12300", "0", "-9999900"}},
      {"numeric(3,5)", 1700, numeric(3, 5), {"0.00123", "-0.00999"}},
      {"numeric",
       1700,
       -1,
       {"0", "123.45", "-9223372036854775808", "-9223372036854775809.5",
        "340282366920938463463374607431768211456", "0.0000000000000000000000001", "100"}},
      {"money", 790, -1, {"$12.34", "-$1,234,567.89", "$0.00", "$0.05"}},
      {"date", 1082, -1, {"2024-01-02", "1969-12-31", "0044-03-15 BC", "0001-01-01", "5874897-12-31"}},
      {"time without time zone", 1083, -1, {"03:04:05.123456", "00:00:00", "24:00:00", "23:59:59.9"}},
      {"time(3) without time zone", 1083, 3, {"03:04:05.123", "24:00:00"}},
      {"time with time zone", 1266, -1, {"03:04:05.5+00", "23:59:59.999999+00"}},
      {"timestamp without time zone",
       1114,
       -1,
       {"2024-01-02 03:04:05.123456", "1969-12-31 23:59:59.999999", "0044-03-15 01:02:03 BC", "infinity",
        "-infinity"}},
      {"timestamp(3) without time zone", 1114, 3, {"2024-01-02 03:04:05.12", "1900-01-01 00:00:00.001"}},
      {"timestamp with time zone",
       1184,
       -1,
       {"2024-01-02 01:04:05.1+00", "12345-01-01 00:00:00+00", "0044-03-15 01:02:03+00 BC", "infinity",
        "-infinity", "294276-12-31 23:59:59.999999+00"}},
      {"interval", 1186, -1, {"04:05:06.789", "-04:05:06", "00:00:00", "100:00:00.000001"}},
      {"bit(1)", 1560, 1, {"1", "0"}},
      {"bit(3)", 1560, 3, {"101", "000", "001"}},
      {"bit(20)", 1560, 20, {"00000000000000000001", "10000000000000000000"}},
      {"bit varying(6)", 1562, 6, {"10101", "1"}},
      {"point", 600, -1, {"(1.5,2.5)", "(-0,1e+100)", "(1,NaN)"}},
      {"hstore",
       kHstore,
       -1,
       {"", "\"a\"=>\"1\", \"b\"=>NULL", "\"b\"=>\"\\\"\\\\\", \"aa\"=>\"\", \"ab\"=>\"é\""}},
      {"int4range", 3904, -1, {"[1,5)", "empty", "(,5)", "(,)"}},
      {"numrange", 3906, -1, {"[1.10,2.50]"}},
      {"tsrange", 3908, -1, {"[\"2024-01-01 00:00:00\",\"2024-02-01 00:00:00.5\")"}},
      {"tstzrange", 3910, -1, {"[\"2024-01-01 00:00:00+00\",)"}},
      {"daterange", 3912, -1, {"[2024-01-01,2024-02-01)"}},
      {"int8range", 3926, -1, {"[1,9223372036854775807)"}},
      {"integer[]", 1007, -1, {"{}", "{1,NULL,-3}", "{{1,2},{3,4}}"}},
      {"bigint[]", 1016, -1, {"{9223372036854775807}"}},
      {"boolean[]", 1000, -1, {"{t,f,NULL}"}},
      {"text[]", 1009, -1, {"{a,NULL,\"NULL\",\"\",\"a b\",\"x,y\",\"\\\"\\\\\",é}", "{{a,b},{c,d}}"}},
      {"real[]", 1021, -1, {"{0.1,1e+06}"}},
      {"double precision[]", 1022, -1, {"{0.1,1e+15}"}},
      {"numeric(10,2)[]", 1231, numeric(10, 2), {"{12.50,NULL}"}},
      {"numeric[]", 1231, -1, {"{12.5,1}"}},
      {"date[]", 1182, -1, {"{2024-01-02,NULL}"}},
      {"timestamp without time zone[]", 1115, -1, {"{\"2024-01-02 03:04:05.123456\"}"}},
      {"timestamp with time zone[]", 1185, -1, {"{\"2024-01-02 03:04:05.123456+00\"}"}},
      {"time without time zone[]", 1183, -1, {"{03:04:05.123456}"}},
      {"uuid[]", 2951, -1, {"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"}},
      {"jsonb[]", 3807, -1, {"{\"{\\\"a\\\": 1}\"}"}},
      {"bytea[]", 1001, -1, {"{\"\\\\x00ff\"}"}},
      {"int4range[]", 3905, -1, {"{\"[1,5)\",empty}"}},
      {"money[]", 791, -1, {"{$1.00,\"$1,234.50\"}"}},
      {"interval[]", 1187, -1, {"{04:05:06}"}},
  };
}

struct Mode {
  std::string name;
  Options options;
};

std::vector<Mode> modes() {
  std::vector<Mode> all{{"default", {}}};
  const auto add = [&](const std::string& name, auto change) {
    Mode mode{name, {}};
    change(mode.options);
    all.push_back(mode);
  };
  add("decimals double", [](Options& o) { o.decimals = DecimalMode::kDouble; });
  add("decimals string", [](Options& o) { o.decimals = DecimalMode::kString; });
  add("times adaptive_time_microseconds", [](Options& o) { o.times = TimeMode::kAdaptiveMicroseconds; });
  add("times connect", [](Options& o) { o.times = TimeMode::kConnect; });
  add("times microseconds", [](Options& o) { o.times = TimeMode::kMicroseconds; });
  add("times nanoseconds", [](Options& o) { o.times = TimeMode::kNanoseconds; });
  add("times isostring", [](Options& o) { o.times = TimeMode::kIsoString; });
  add("binary base64", [](Options& o) { o.binary = BinaryMode::kBase64; });
  add("binary base64-url-safe", [](Options& o) { o.binary = BinaryMode::kBase64UrlSafe; });
  add("binary hex", [](Options& o) { o.binary = BinaryMode::kHex; });
  add("hstore map", [](Options& o) { o.hstore = HstoreMode::kMap; });
  add("intervals string", [](Options& o) { o.intervals = IntervalMode::kString; });
  add("money 4 digits", [](Options& o) { o.money_digits = 4; });
  return all;
}

// "type mode text" -> what is read, as PostgreSQL would print it.
const std::map<std::string, std::string>& losses() {
  static const std::map<std::string, std::string> all = {
      // Doubles have 17 digits at most.
      {"numeric(40,5)|decimals double|12345678901234567890123456789012345.00001",
       "12345678901234570000000000000000000.00000"},
      {"numeric|decimals double|-9223372036854775808", "-9223372036854776000"},
      {"numeric|decimals double|-9223372036854775809.5", "-9223372036854776000"},
      {"numeric|decimals double|340282366920938463463374607431768211456",
       "340282366920938500000000000000000000000"},
      // Kafka Connect's own types count milliseconds.
      {"time without time zone|times connect|03:04:05.123456", "03:04:05.123"},
      {"timestamp without time zone|times connect|2024-01-02 03:04:05.123456", "2024-01-02 03:04:05.123"},
      {"timestamp without time zone|times connect|1969-12-31 23:59:59.999999", "1969-12-31 23:59:59.999"},
      {"timestamp without time zone[]|times connect|{\"2024-01-02 03:04:05.123456\"}",
       "{\"2024-01-02 03:04:05.123\"}"},
      {"time without time zone[]|times connect|{03:04:05.123456}", "{03:04:05.123}"},
  };
  return all;
}

// Values that the writer has no place for in that mode.
const std::set<std::string>& refused() {
  static const std::set<std::string> all = {
      "timestamp without time zone|times nanoseconds|0044-03-15 01:02:03 BC",
  };
  return all;
}

struct RoundTrip {
  TableSchema schema;
  Options options;
  std::string key, value;
  EventBatch batch;

  // Writes the row and reads it again; the message of an error, else "".
  std::string run(const Value* row, Operation operation = Operation::kCreate) {
    const TableEnvelope writer(options, facts_of(schema));
    Change change;
    change.operation = operation;
    change.after = row;
    key.clear();
    value.clear();
    if (const Status status = writer.append_key(key, row); !status)
      return "key refused: " + status.error().message;
    if (const Status status = writer.append_value(value, change); !status)
      return "refused: " + status.error().message;
    EventReader reader({options}, std::make_shared<const TableSchema>(schema));
    const auto read = reader.read(bytes_of(key, value), batch);
    return read ? "" : read.error().text();
  }
};

TableSchema schema_of(const Sample& sample) {
  TableSchema schema;
  schema.table = {"public", "t"};
  schema.columns = {{"id", 23, -1, "integer"}, {"v", sample.oid, sample.modifier, sample.type}};
  schema.key = {0};
  return schema;
}

TEST(EnvelopeRoundTrip, EveryTypeInEveryModeKeepsItsValue) {
  std::map<std::string, std::string> seen;  // of the losses
  for (const Mode& mode : modes()) {
    for (const Sample& sample : samples()) {
      for (std::string text : sample.texts) {
        const std::string place = sample.type + "|" + mode.name + "|" + text;
        RoundTrip trip{schema_of(sample), mode.options, {}, {}, {}};
        Arena arena;
        const Value row[] = {std::int32_t{7}, decoded(trip.schema.columns[1], text, arena)};
        const std::string error = trip.run(row);
        ASSERT_EQ(error.starts_with("refused"), refused().contains(place)) << place << "\n" << error;
        if (refused().contains(place)) continue;
        ASSERT_EQ(error, "") << place << "\n" << trip.value;
        const auto loss = losses().find(place);
        if (loss != losses().end()) {
          seen.insert(*loss);
          text = loss->second;
        }
        const Value expected = decoded(trip.schema.columns[1], text, arena);
        ASSERT_EQ(trip.batch.events.size(), 1U) << place;
        EXPECT_EQ(rendered(trip.batch.events[0].after[1]), rendered(expected)) << place << "\n" << trip.value;
        EXPECT_EQ(rendered(trip.batch.events[0].after[0]), "int32 7");
      }
    }
  }
  EXPECT_EQ(seen, losses()) << "a loss is listed that no sample has";
}

TEST(EnvelopeRoundTrip, NullStaysNullInEveryType) {
  for (const Mode& mode : modes()) {
    for (const Sample& sample : samples()) {
      RoundTrip trip{schema_of(sample), mode.options, {}, {}, {}};
      const Value row[] = {std::int32_t{7}, Null{}};
      ASSERT_EQ(trip.run(row), "") << sample.type << mode.name;
      EXPECT_TRUE(trip.batch.events[0].after[1].is_null()) << sample.type << " " << mode.name;
    }
  }
}

// What the events themselves do not carry.
TEST(EnvelopeRoundTrip, WhatTheEventsLoseInEveryMode) {
  struct Loss {
    Sample type;
    std::string text, left;
    IntervalMode intervals = IntervalMode::kNumeric;
  };
  const Loss all[] = {
      {{"time with time zone", 1266, -1, {}}, "03:04:05.5+02", "01:04:05.5+00"},
      {{"numeric", 1700, -1, {}}, "123.4500", "123.45"},
      {{"bit varying(6)", 1562, 6, {}}, "00101", "101"},
      {{"interval", 1186, -1, {}}, "1 year 2 mons 3 days 04:05:06.789", "10303:05:06.789"},
      {{"interval", 1186, -1, {}}, "1 day", "24:00:00"},
  };
  for (const Loss& loss : all) {
    RoundTrip trip{schema_of(loss.type), {}, {}, {}, {}};
    Arena arena;
    const Value row[] = {std::int32_t{7}, decoded(trip.schema.columns[1], loss.text, arena)};
    ASSERT_EQ(trip.run(row), "") << loss.text;
    EXPECT_EQ(to_text(trip.batch.events[0].after[1]), loss.left);
  }
}

TEST(EnvelopeRoundTrip, IntervalsAsTextKeepTheirParts) {
  const Sample interval{"interval", 1186, -1, {}};
  Options options;
  options.intervals = IntervalMode::kString;
  for (const std::string text :
       {"1 year 2 mons 3 days 04:05:06.789", "-1 years -2 mons +3 days -04:05:06.5", "1 day", "-1 days",
        "-1 days +02:03:00", "1 mon -1 days", "00:00:00", "-00:00:00.000001", "178000000 years"}) {
    RoundTrip trip{schema_of(interval), options, {}, {}, {}};
    Arena arena;
    const Value row[] = {std::int32_t{7}, decoded(trip.schema.columns[1], text, arena)};
    ASSERT_EQ(trip.run(row), "") << text;
    EXPECT_EQ(to_text(trip.batch.events[0].after[1]), text) << trip.value;
  }
}

TEST(EnvelopeRoundTrip, UnchangedToastStaysUnchangedWhereTheEventsTellIt) {
  for (const Mode& mode : modes()) {
    for (const Sample& sample : samples()) {
      RoundTrip trip{schema_of(sample), mode.options, {}, {}, {}};
      const Value row[] = {std::int32_t{7}, Unchanged{}};
      ASSERT_EQ(trip.run(row, Operation::kUpdate), "") << sample.type;
      const bool told = trip.value.find("\"v\":null") == std::string::npos;
      EXPECT_EQ(trip.batch.events[0].after[1].is_unchanged(), told)
          << sample.type << " " << mode.name << trip.value;
    }
  }
}

}  // namespace
}  // namespace penstock::envelope
