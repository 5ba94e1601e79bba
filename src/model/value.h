// The closed, lossless set of values that flow from PostgreSQL to a sink. A value borrows its text, bytes and
// elements from the arena of its batch and is trivially copyable: no allocation per value.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>

namespace penstock {

struct Value;
struct StructField;

struct Null {};
struct Unchanged {};  // a TOAST value that PostgreSQL did not send because the UPDATE left it alone
struct Decimal {
  std::string_view text;  // PostgreSQL's text: "-12.50", "NaN", "Infinity", "-Infinity"
};
struct Text {
  std::string_view text;  // UTF-8; also every type that is a string "as PostgreSQL prints it"
};
struct Bytes {
  std::string_view bytes;
};
inline constexpr std::int64_t kMinusInfinity = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kPlusInfinity = std::numeric_limits<std::int64_t>::max();
struct Date {
  std::int64_t days = 0;  // since 1970-01-01, or kMinusInfinity, kPlusInfinity
  std::string_view text;  // as PostgreSQL prints it (DateStyle ISO)
};
struct Timestamp {
  // Since 1970-01-01 00:00 UTC (timestamp without zone: taken as UTC), or ±infinity. Also kPlusInfinity for
  // the years 294247 to 294276, which 64 bits do not reach: then `text` is not "infinity".
  std::int64_t micros = 0;
  std::string_view text;  // as PostgreSQL prints it (DateStyle ISO, TimeZone UTC)
  bool with_zone = false;
};
struct Time {
  std::string_view text;  // time and timetz as PostgreSQL prints them
};
struct Interval {
  std::string_view text;  // IntervalStyle postgres
};
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
};
struct Json {
  std::string_view text;  // json or jsonb as PostgreSQL prints it
};
struct Array {
  const Value* items = nullptr;
  std::uint32_t size = 0;
  std::string_view text;  // the array as PostgreSQL prints it (used where it is a key)
};
struct Struct {  // hstore, composite, composite key
  const StructField* fields = nullptr;
  std::uint32_t size = 0;
  std::string_view text;  // as PostgreSQL prints it (used where it is a key)
};
struct Range {
  const Value* lower = nullptr;  // null pointer: unbounded on that side (or empty)
  const Value* upper = nullptr;
  bool lower_inclusive = false;
  bool upper_inclusive = false;
  bool empty = false;
};

struct Value {
  using Variant = std::variant<Null, Unchanged, bool, std::int32_t, std::int64_t, double, Decimal, Text,
                               Bytes, Date, Timestamp, Time, Interval, Uuid, Json, Array, Struct, Range>;
  Variant v;

  Value() = default;
  template <class T>
  Value(T value) : v(value) {}  // NOLINT(google-explicit-constructor): a value is what it is given

  template <class T>
  const T* get() const {
    return std::get_if<T>(&v);
  }
  bool is_null() const { return std::holds_alternative<Null>(v); }
  bool is_unchanged() const { return std::holds_alternative<Unchanged>(v); }
};

struct StructField {
  std::string_view name;
  Value value;
};

// The name of the alternative, e.g. "decimal", for messages and docs.
std::string_view kind_name(const Value& value);
// For error messages and log lines: "decimal 12.50", the value cut after 80 bytes.
std::string describe(const Value& value);

// Appends the value as PostgreSQL prints it, so that PostgreSQL parses it back to an equal value. A double is
// printed as double precision is. Null and Unchanged append nothing.
void append_text(std::string& out, const Value& value);
std::string to_text(const Value& value);

// Whether both are the same to a key: numerics by value (1.0 is 1.00), doubles by value with NaN equal to
// itself, everything else by its text. Values of different kinds differ. Equal values have equal `_id`s in
// MongoDB.
bool same_value(const Value& left, const Value& right);

}  // namespace penstock
