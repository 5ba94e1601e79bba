#pragma once

namespace penstock::app {
inline constexpr const char* kVersion = "0.1.0";  // as in CMakeLists.txt; a unit test holds them together
}  // namespace penstock::app
