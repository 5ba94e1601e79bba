// Records that come in Apache Arrow's record batches (penstock.h). What is read borrows from them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backbone/consumer.h"
#include "base/result.h"

// https://arrow.apache.org/docs/format/CDataInterface.html#structure-definitions
extern "C" {
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};
}

namespace penstock::library {

struct ArrowRecords {
  std::string topic;  // empty: there are no records
  std::int32_t partition = 0;
  std::vector<backbone::ConsumedRecord> records;  // their topic is a batch's
};

// The records of `count` batches, one behind the other. kUsage: other columns than penstock_apply_arrow()
// takes, records of several partitions, or not in the order of their offsets. Lengths and places inside are
// believed.
Result<ArrowRecords> read_arrow(const ArrowSchema* const* schemas, const ArrowArray* const* arrays,
                                std::size_t count);

}  // namespace penstock::library
