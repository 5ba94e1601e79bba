#include "library/packed.h"

#include <cstring>
#include <string>
#include <utility>

namespace penstock::library {
namespace {

// Once it is past the end everything is zero and ok() false.
class Cursor {
 public:
  explicit Cursor(std::string_view buffer) : rest_(buffer) {}

  bool ok() const { return ok_; }
  bool done() const { return rest_.empty(); }

  template <class T>
  T number() {
    T value{};
    const std::string_view bytes = take(sizeof(T));
    if (bytes.size() == sizeof(T)) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  // -1: nothing. Other negative numbers are wrong.
  std::optional<std::string_view> bytes(std::int32_t size) {
    if (size == -1) return std::nullopt;
    if (size < 0) ok_ = false;
    return take(size < 0 ? 0 : static_cast<std::size_t>(size));
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

tl::unexpected<Error> broken(const std::string& what) {
  return fail(ErrorKind::kUsage, what, "src/library/penstock.h says how it is made");
}

backbone::ConsumedRecord read_record(Cursor& in) {
  backbone::ConsumedRecord record;
  record.offset = in.number<std::int64_t>();
  record.millis = in.number<std::int64_t>();
  const auto key = in.number<std::int32_t>();
  const auto value = in.number<std::int32_t>();
  const auto headers = in.number<std::int32_t>();
  record.key = in.bytes(key);
  record.value = in.bytes(value);
  for (std::int32_t i = 0; i < headers && in.ok(); ++i) {
    const auto name_size = in.number<std::int32_t>();
    const auto value_size = in.number<std::int32_t>();
    const std::string_view name = in.bytes(name_size).value_or("");
    record.headers.emplace_back(name, in.bytes(value_size).value_or(""));
  }
  return record;
}

}  // namespace

Status add_in_order(backbone::ConsumedRecord record, std::vector<backbone::ConsumedRecord>& records) {
  if (!records.empty() && record.offset <= records.back().offset)
    return broken("the records of " + std::string(record.topic) + "[" + std::to_string(record.partition) +
                  "] are not in the order of their offsets: " + std::to_string(record.offset) +
                  " comes after " + std::to_string(records.back().offset));
  records.push_back(std::move(record));
  return {};
}

Result<std::vector<backbone::ConsumedRecord>> read_records(std::string_view topic, std::int32_t partition,
                                                           std::string_view buffer) {
  Cursor in(buffer);
  if (in.take(4) != "PSR1") return broken("the buffer of records does not begin with PSR1");
  const auto count = in.number<std::uint32_t>();
  std::vector<backbone::ConsumedRecord> records;
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    backbone::ConsumedRecord record = read_record(in);
    record.topic = topic;
    record.partition = partition;
    PENSTOCK_TRY(add_in_order(std::move(record), records));
  }
  if (!in.ok() || !in.done())
    return broken("the buffer of " + std::to_string(count) + " records is too short or too long");
  return records;
}

Result<PackedRows> read_rows(std::string_view buffer) {
  Cursor in(buffer);
  if (in.take(4) != "PSW1") return broken("the buffer of rows does not begin with PSW1");
  const auto count = in.number<std::uint32_t>();
  PackedRows rows;
  rows.columns = in.number<std::uint32_t>();
  for (std::uint64_t i = 0; i < std::uint64_t{count} * rows.columns && in.ok(); ++i)
    rows.values.push_back(in.bytes(in.number<std::int32_t>()));
  if (!in.ok() || !in.done())
    return broken("the buffer of " + std::to_string(count) + " rows is too short or too long");
  return rows;
}

}  // namespace penstock::library
