#include "envelope/read/registry_record.h"

#include <cstdint>
#include <string>

namespace penstock::envelope {
namespace {

constexpr std::size_t kHead = 5;

std::uint32_t schema_number(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = 1; i < kHead; ++i) number = number << 8U | static_cast<unsigned char>(bytes[i]);
  return number;
}

}  // namespace

bool is_of_a_registry(std::string_view bytes) { return bytes.size() > kHead && bytes.front() == '\0'; }

Error registry_record(std::string_view what, std::string_view bytes) {
  return make_error(
      ErrorKind::kBadValue,
      std::string(what) + " begins with byte 0 and the number of a schema, " +
          std::to_string(schema_number(bytes)) +
          ": it was written with Avro (or another converter of a schema registry), which is not read",
      "set key.converter and value.converter of the connector to "
      "org.apache.kafka.connect.json.JsonConverter, and have it load its tables again into new topics");
}

}  // namespace penstock::envelope
