// Settings of librdkafka's clients, as its CONFIGURATION.md names them.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace penstock::backbone {

// Name and value, in their order: a later one wins.
using ClientSettings = std::vector<std::pair<std::string, std::string>>;

}  // namespace penstock::backbone
