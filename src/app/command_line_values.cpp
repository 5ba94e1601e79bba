// Texts of the command line to what they mean.
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "app/command_line.h"

namespace penstock::app {

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
  };
  static constexpr std::array<Unit, 5> kUnits{
      {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}}};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const Unit& known : kUnits)
    if (error == std::errc() && number >= 0 && number <= 1000000000 && unit == known.name)
      return std::chrono::milliseconds(number * known.milliseconds);
  return fail(ErrorKind::kUsage, fmt::format("\"{}\" is not a length of time", text),
              "e.g. 500ms, 10s, 2m, 1h");
}

Result<double> parse_percent(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number > 0 && number <= 100) return number;
  return fail(ErrorKind::kUsage, fmt::format("--sample: \"{}\" is no part of a whole", text),
              "e.g. 10%, 0.5%");
}

}  // namespace penstock::app
