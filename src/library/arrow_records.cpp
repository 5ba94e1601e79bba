#include "library/arrow_records.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "library/packed.h"

namespace penstock::library {
namespace {

using backbone::ConsumedRecord;

// The columns by their place; the formats are those of Arrow's C data interface.
enum Place : std::uint8_t { kTopic, kPartition, kOffset, kMillis, kKey, kValue, kHeaders };
constexpr std::array<std::string_view, 7> kFormats{"u", "i", "l", "l", "z", "z", "+l"};

tl::unexpected<Error> unreadable(const std::string& what) {
  return fail(ErrorKind::kUsage, what, "src/library/penstock.h says what the batches are to be like");
}

// An array, from its `first` element on (https://arrow.apache.org/docs/format/Columnar.html).
class Column {
 public:
  explicit Column(const ArrowArray& array, std::int64_t first = 0)
      : array_(array), first_(array.offset + first) {}

  template <class T>
  T number(std::int64_t row) const {
    return static_cast<const T*>(array_.buffers[1])[first_ + row];
  }

  std::optional<std::string_view> bytes(std::int64_t row) const {
    if (!is_valid(row)) return std::nullopt;
    const auto [begin, end] = range(row);
    return std::string_view(static_cast<const char*>(array_.buffers[2]) + begin,
                            static_cast<std::size_t>(end - begin));
  }

  // Of a list's elements.
  std::pair<std::int32_t, std::int32_t> range(std::int64_t row) const {
    if (!is_valid(row)) return {0, 0};
    return {number<std::int32_t>(row), number<std::int32_t>(row + 1)};
  }

  Column child(std::size_t place) const { return Column(*array_.children[place], first_); }
  Column elements() const { return Column(*array_.children[0]); }

 private:
  bool is_valid(std::int64_t row) const {
    const auto* bits = static_cast<const std::uint8_t*>(array_.buffers[0]);
    const auto at = static_cast<std::uint64_t>(first_ + row);
    return bits == nullptr || (bits[at / 8] >> (at % 8) & 1U) != 0;
  }

  const ArrowArray& array_;
  const std::int64_t first_;
};

bool has_format(const ArrowSchema& schema, std::string_view format, std::int64_t children) {
  return schema.format == format && schema.n_children == children && schema.dictionary == nullptr;
}

Status check_columns(const ArrowSchema& schema) {
  if (!has_format(schema, "+s", kFormats.size()))
    return unreadable(
        "a batch of records has not the columns topic, partition, offset, millis, key, value, headers");
  for (std::size_t place = 0; place < kFormats.size(); ++place) {
    const ArrowSchema& column = *schema.children[place];
    if (!has_format(column, kFormats[place], place == kHeaders ? 1 : 0))
      return unreadable("column " + std::to_string(place + 1) + " of a batch of records is of the type " +
                        column.format + ", not " + std::string(kFormats[place]));
  }
  const ArrowSchema& header = *schema.children[kHeaders]->children[0];
  const bool known = has_format(header, "+s", 2) && has_format(*header.children[0], "u", 0) &&
                     has_format(*header.children[1], "z", 0);
  if (!known) return unreadable("the headers of a batch of records are not lists of (utf8, binary)");
  return {};
}

class Batch {
 public:
  explicit Batch(const ArrowArray& array)
      : rows_(array),
        names_(rows_.child(kHeaders).elements().child(0)),
        values_(rows_.child(kHeaders).elements().child(1)),
        columns_{rows_.child(kTopic), rows_.child(kPartition), rows_.child(kOffset), rows_.child(kMillis),
                 rows_.child(kKey),   rows_.child(kValue),     rows_.child(kHeaders)} {}

  ConsumedRecord record(std::int64_t row) const {
    ConsumedRecord record;
    record.topic = columns_[kTopic].bytes(row).value_or("");
    record.partition = columns_[kPartition].number<std::int32_t>(row);
    record.offset = columns_[kOffset].number<std::int64_t>(row);
    record.millis = columns_[kMillis].number<std::int64_t>(row);
    record.key = columns_[kKey].bytes(row);
    record.value = columns_[kValue].bytes(row);
    const auto [begin, end] = columns_[kHeaders].range(row);
    record.headers.reserve(static_cast<std::size_t>(end - begin));
    for (std::int32_t at = begin; at < end; ++at)
      record.headers.emplace_back(names_.bytes(at).value_or(""), values_.bytes(at).value_or(""));
    return record;
  }

 private:
  const Column rows_, names_, values_;
  const std::array<Column, kFormats.size()> columns_;
};

Status add(const ArrowArray& array, ArrowRecords& into) {
  const Batch batch(array);
  for (std::int64_t row = 0; row < array.length; ++row) {
    ConsumedRecord record = batch.record(row);
    if (into.records.empty()) {
      into.topic = record.topic;
      into.partition = record.partition;
    }
    if (record.topic != into.topic || record.partition != into.partition)
      return unreadable("batches of records of " + into.topic + "[" + std::to_string(into.partition) +
                        "] hold one of " + std::string(record.topic) + "[" +
                        std::to_string(record.partition) + "]");
    PENSTOCK_TRY(add_in_order(std::move(record), into.records));
  }
  return {};
}

}  // namespace

Result<ArrowRecords> read_arrow(const ArrowSchema* const* schemas, const ArrowArray* const* arrays,
                                std::size_t count) {
  ArrowRecords read;
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < count; ++i) {
    PENSTOCK_TRY(check_columns(*schemas[i]));
    rows += arrays[i]->length;
  }
  read.records.reserve(static_cast<std::size_t>(rows));
  for (std::size_t i = 0; i < count; ++i) PENSTOCK_TRY(add(*arrays[i], read));
  return read;
}

}  // namespace penstock::library
