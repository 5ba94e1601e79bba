// Any bytes are safe for the readers of a journal. The first byte chooses the reader.
#include <cstdint>
#include <string>
#include <string_view>

#include "journal/block.h"
#include "journal/event_codec.h"
#include "journal/segment.h"
#include "model/row_codec.h"

namespace {

using namespace penstock;

// A table of three columns, and one whose rows are passed over.
const std::vector<journal::KnownShape>& shapes() {
  static const std::vector<journal::KnownShape> kShapes = [] {
    auto schema = std::make_shared<TableSchema>();
    schema->table = {"public", "t"};
    schema->columns.resize(3);
    schema->key = {0};
    return std::vector<journal::KnownShape>{{schema, true}, {nullptr, false}};
  }();
  return kShapes;
}

void read_events(std::string_view bytes) {
  EventBatch batch;
  static_cast<void>(journal::decode_events(
      bytes, shapes(), [](const Event&) { return true; }, batch));
  // What was read can be walked: nothing points outside.
  for (const Event& event : batch.events) {
    const std::size_t count = event.schema != nullptr ? event.schema->columns.size() : 2;
    for (std::size_t i = 0; i < count; ++i) {
      std::string walked;
      if (event.after != nullptr) encode_value(walked, event.after[i]);
      if (event.before != nullptr) encode_value(walked, event.before[i]);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      read_events(bytes);
      break;
    case 1:
      static_cast<void>(journal::decode_schema(bytes));
      break;
    case 2:
      if (journal::decode_chunk(bytes)) read_events(bytes);
      break;
    case 3:
      static_cast<void>(journal::decode_step(bytes));
      break;
    case 4:
      static_cast<void>(journal::decode_begin(bytes));
      break;
    default:
      static_cast<void>(journal::decode_header(bytes));
      static_cast<void>(journal::Decompressor().decompress(bytes, size % 4096));
  }
  return 0;
}
