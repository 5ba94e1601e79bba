// {"schema":…,"payload":…}: records of Kafka Connect's JsonConverter with schemas.enable.
#pragma once

#include <optional>
#include <string_view>

namespace penstock::envelope {

struct InlineSplit {
  std::string_view head;  // all that stands before the payload
  std::string_view schema;
  std::string_view payload;
};
// Nothing when the text does not begin with a schema that is an object. The parts are not checked to be JSON;
// a reader of JSON sees what is wrong with them.
std::optional<InlineSplit> split_inline(std::string_view record);

}  // namespace penstock::envelope
