// Offsets as Kafka Connect keeps them: keys ["connector",{partition}] and values {offset}, both JSON.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::app {

using ConnectOffsets = std::map<std::string, std::string>;

// The file of a standalone worker (offset.storage.file.filename): a java.util.HashMap of byte[] to byte[],
// serialized (Java Object Serialization Specification, chapter 6). Read strictly: kConfiguration for anything
// else in it. Entries without a value are left out.
Result<ConnectOffsets> load_offset_file(const std::string& path);
Result<ConnectOffsets> parse_offset_file(std::string_view bytes, const std::string& file);

}  // namespace penstock::app
