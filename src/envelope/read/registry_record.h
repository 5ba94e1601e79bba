// Records of a schema registry, which are not read.
#pragma once

#include <string_view>

#include "base/error.h"

namespace penstock::envelope {

// The wire format of Confluent's and Apicurio's registries: byte 0, the schema's number in four bytes (eight
// by an old default of Apicurio's), then the value. JSON never begins with byte 0.
bool is_of_a_registry(std::string_view bytes);

// kBadValue. `what`: "the key", "the value".
Error registry_record(std::string_view what, std::string_view bytes);

}  // namespace penstock::envelope
