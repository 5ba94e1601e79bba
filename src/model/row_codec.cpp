#include "model/row_codec.h"

#include <bit>
#include <cstring>

#include "model/byte_io.h"
#include "model/civil_time.h"

namespace penstock {
namespace {

// PostgreSQL nests arrays six deep and composites as it likes; this bounds a damaged record.
constexpr int kMaxDepth = 100;

// Stored in the state file: only to be added to.
enum Tag : std::uint8_t {
  kNull = 0,
  kUnchanged = 1,
  kFalse = 2,
  kTrue = 3,
  kInt32 = 4,
  kInt64 = 5,
  kDouble = 6,
  kDecimal = 7,
  kText = 8,
  kBytes = 9,
  kDate = 10,          // days
  kInfiniteDate = 11,  // days and text
  kTimestamp = 12,     // micros, with_zone in the tag
  kTimestampTz = 13,
  kTextTimestamp = 14,  // micros and text
  kTextTimestampTz = 15,
  kTime = 16,
  kInterval = 17,
  kUuid = 18,
  kJson = 19,
  kArray = 20,
  kStruct = 21,
  kEmptyRange = 22,
  kRange = 32,  // + 1 lower, + 2 upper, + 4 lower inclusive, + 8 upper inclusive
};

bool finite(std::int64_t number) { return number != kMinusInfinity && number != kPlusInfinity; }

struct Encoder {
  ByteWriter out;

  void operator()(Null) { out.byte(kNull); }
  void operator()(Unchanged) { out.byte(kUnchanged); }
  void operator()(bool value) { out.byte(value ? kTrue : kFalse); }
  void operator()(std::int32_t value) {
    out.byte(kInt32);
    out.signed_number(value);
  }
  void operator()(std::int64_t value) {
    out.byte(kInt64);
    out.signed_number(value);
  }
  void operator()(double value) {
    out.byte(kDouble);
    out.real(value);
  }
  void operator()(const Decimal& value) { tagged(kDecimal, value.text); }
  void operator()(const Text& value) { tagged(kText, value.text); }
  void operator()(const Bytes& value) { tagged(kBytes, value.bytes); }
  void operator()(const Time& value) { tagged(kTime, value.text); }
  void operator()(const Interval& value) { tagged(kInterval, value.text); }
  void operator()(const Json& value) { tagged(kJson, value.text); }
  void operator()(const Date& value) {
    out.byte(finite(value.days) ? kDate : kInfiniteDate);
    out.signed_number(value.days);
    if (!finite(value.days)) out.text(value.text);
  }
  void operator()(const Timestamp& value) {
    const bool plain = finite(value.micros);
    if (plain) {
      out.byte(value.with_zone ? kTimestampTz : kTimestamp);
    } else {
      out.byte(value.with_zone ? kTextTimestampTz : kTextTimestamp);
    }
    out.signed_number(value.micros);
    if (!plain) out.text(value.text);
  }
  void operator()(const Uuid& value) {
    out.byte(kUuid);
    for (const std::uint8_t byte : value.bytes) out.byte(byte);
  }
  void operator()(const Array& value) {
    out.byte(kArray);
    out.number(value.size);
    for (std::uint32_t i = 0; i < value.size; ++i) std::visit(*this, value.items[i].v);
    out.text(value.text);
  }
  void operator()(const Struct& value) {
    out.byte(kStruct);
    out.number(value.size);
    for (std::uint32_t i = 0; i < value.size; ++i) {
      out.text(value.fields[i].name);
      std::visit(*this, value.fields[i].value.v);
    }
    out.text(value.text);
  }
  void operator()(const Range& value) {
    if (value.empty) {
      out.byte(kEmptyRange);
      return;
    }
    out.byte(static_cast<std::uint8_t>(kRange + (value.lower != nullptr ? 1 : 0) +
                                       (value.upper != nullptr ? 2 : 0) + (value.lower_inclusive ? 4 : 0) +
                                       (value.upper_inclusive ? 8 : 0)));
    if (value.lower != nullptr) std::visit(*this, value.lower->v);
    if (value.upper != nullptr) std::visit(*this, value.upper->v);
  }

 private:
  void tagged(Tag tag, std::string_view text) {
    out.byte(tag);
    out.text(text);
  }
};

}  // namespace

void encode_value(std::string& out, const Value& value) { std::visit(Encoder{ByteWriter(out)}, value.v); }

void encode_row(std::string& out, std::uint64_t layout, const Value* values, std::size_t count) {
  ByteWriter(out).number(layout);
  for (std::size_t i = 0; i < count; ++i) encode_value(out, values[i]);
}

RowDecoder::RowDecoder(std::string_view bytes, Arena& arena)
    : at_(bytes.data()), end_(bytes.data() + bytes.size()), arena_(arena) {
  layout_ = number();
}

Value RowDecoder::next() { return at_ == end_ ? Value(Unchanged{}) : read(0); }

std::uint64_t RowDecoder::number() {
  ByteReader reader({at_, static_cast<std::size_t>(end_ - at_)});
  const std::uint64_t value = reader.number();
  ok_ = ok_ && reader.ok();
  at_ = reader.at();
  return value;
}

std::string_view RowDecoder::text() {
  const std::uint64_t size = number();
  if (size > static_cast<std::uint64_t>(end_ - at_)) {
    ok_ = false;
    at_ = end_;
    return {};
  }
  const std::string_view value(at_, size);
  at_ += size;
  return value;
}

std::int64_t RowDecoder::signed_number() {
  const std::uint64_t value = number();
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

template <class T>
bool RowDecoder::read_raw(T& raw) {
  ok_ = ok_ && end_ - at_ >= static_cast<std::ptrdiff_t>(sizeof raw);
  if (!ok_) return false;
  std::memcpy(&raw, at_, sizeof raw);
  at_ += sizeof raw;
  return true;
}

Value RowDecoder::read(int depth) {
  if (at_ == end_ || depth > kMaxDepth) {
    ok_ = false;
    at_ = end_;
    return Unchanged{};
  }
  const auto tag = static_cast<std::uint8_t>(*at_++);
  switch (tag) {
    case kNull:
      return Null{};
    case kUnchanged:
      return Unchanged{};
    case kFalse:
    case kTrue:
      return tag == kTrue;
    case kInt32:
      return static_cast<std::int32_t>(signed_number());
    case kInt64:
      return signed_number();
    case kDouble: {
      std::uint64_t bits = 0;
      if (!read_raw(bits)) return Unchanged{};
      return std::bit_cast<double>(bits);
    }
    case kDecimal:
      return Decimal{text()};
    case kText:
      return Text{text()};
    case kBytes:
      return Bytes{text()};
    case kDate:
      return read_date();
    case kInfiniteDate: {
      const std::int64_t days = signed_number();
      return Date{days, text()};
    }
    case kTimestamp:
    case kTimestampTz:
      return Timestamp{signed_number(), {}, tag == kTimestampTz};
    case kTextTimestamp:
    case kTextTimestampTz: {
      const std::int64_t micros = signed_number();
      return Timestamp{micros, text(), tag == kTextTimestampTz};
    }
    case kTime:
      return Time{text()};
    case kInterval:
      return Interval{text()};
    case kUuid: {
      Uuid uuid;
      if (!read_raw(uuid.bytes)) return Unchanged{};
      return uuid;
    }
    case kJson:
      return Json{text()};
    case kArray:
      return read_array(depth);
    case kStruct:
      return read_struct(depth);
    default:
      return read_range(tag, depth);
  }
}

Value RowDecoder::read_date() {
  const std::int64_t days = signed_number();
  if (days != static_cast<std::int32_t>(days)) {  // PostgreSQL has 32 bits for a date: these bytes are no row
    ok_ = false;
    at_ = end_;
    return Unchanged{};
  }
  std::string printed;
  append_date(printed, days);
  return Date{days, arena_.copy(printed)};
}

Value RowDecoder::read_array(int depth) {
  const std::uint64_t size = number();
  ok_ = ok_ && size <= static_cast<std::uint64_t>(end_ - at_);  // an item has a byte at least
  if (!ok_) return Unchanged{};
  auto* items = arena_.array<Value>(size);
  for (std::uint64_t i = 0; i < size; ++i) items[i] = read(depth + 1);
  return Array{items, static_cast<std::uint32_t>(size), text()};
}

Value RowDecoder::read_struct(int depth) {
  const std::uint64_t size = number();
  ok_ = ok_ && size <= static_cast<std::uint64_t>(end_ - at_);
  if (!ok_) return Unchanged{};
  auto* fields = arena_.array<StructField>(size);
  for (std::uint64_t i = 0; i < size; ++i) {
    fields[i].name = text();
    fields[i].value = read(depth + 1);
  }
  return Struct{fields, static_cast<std::uint32_t>(size), text()};
}

Value RowDecoder::read_range(std::uint8_t tag, int depth) {
  Range range;
  if (tag == kEmptyRange) {
    range.empty = true;
    return range;
  }
  if (tag < kRange || tag >= kRange + 16) {
    ok_ = false;
    at_ = end_;
    return Unchanged{};
  }
  const unsigned how = tag - kRange;
  if ((how & 1U) != 0) range.lower = kept(read(depth + 1));
  if ((how & 2U) != 0) range.upper = kept(read(depth + 1));
  range.lower_inclusive = (how & 4U) != 0;
  range.upper_inclusive = (how & 8U) != 0;
  return range;
}

const Value* RowDecoder::kept(const Value& value) {
  auto* copy = arena_.array<Value>(1);
  *copy = value;
  return copy;
}

}  // namespace penstock
