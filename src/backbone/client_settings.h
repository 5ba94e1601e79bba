// Settings of librdkafka's, by name and value, without its headers.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace penstock::backbone {

using ClientSettings = std::vector<std::pair<std::string, std::string>>;

}  // namespace penstock::backbone
