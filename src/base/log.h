// Logs go to stderr, results to stdout. Secrets are cut out before a line is written.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace penstock::log {

enum class Level { kDebug, kInfo, kWarn, kError };

void set_level(Level level);
bool enabled(Level level);
// Any thread. One line; passwords in connection strings are replaced by "***".
void write(Level level, std::string_view line);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kDebug)) write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kInfo)) write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kWarn)) write(Level::kWarn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace penstock::log

namespace penstock {
// `text` with the passwords of URIs (scheme://user:PASSWORD@) and conninfo strings (password=…,
// sslpassword=…) cut out.
std::string redact(std::string_view text);
}  // namespace penstock
