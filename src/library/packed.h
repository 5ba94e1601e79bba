// The buffers that records and rows cross the border in (penstock.h: PSR1, PSW1). What is read borrows from
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "backbone/consumer.h"
#include "base/result.h"

namespace penstock::library {

// Behind the others of its partition; kUsage: its offset is not above theirs.
Status add_in_order(backbone::ConsumedRecord record, std::vector<backbone::ConsumedRecord>& records);

// kUsage: no such buffer, or one that ends too early.
Result<std::vector<backbone::ConsumedRecord>> read_records(std::string_view topic, std::int32_t partition,
                                                           std::string_view buffer);

struct PackedRows {
  std::uint32_t columns = 0;
  std::vector<std::optional<std::string_view>> values;  // row by row
  std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
};
Result<PackedRows> read_rows(std::string_view buffer);

}  // namespace penstock::library
