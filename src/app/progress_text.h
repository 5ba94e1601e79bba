// The parts of a progress line.
#pragma once

#include <cstdint>
#include <string>

namespace penstock::app {

std::string grouped(std::uint64_t number);  // 1,234,567
std::string duration(double seconds);       // "40 s", "12 min", "1.5 h"
std::string bar(double part);               // [####....] of 24 places; `part` from 0 to 1

}  // namespace penstock::app
