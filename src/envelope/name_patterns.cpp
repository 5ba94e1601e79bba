#include "envelope/name_patterns.h"

#include <algorithm>

namespace penstock::envelope {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kCaseAside = "(?i)";  // ours are so in any case, and std::regex knows no flags

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

}  // namespace

std::vector<std::string> split_list(std::string_view list, char separator) {
  std::vector<std::string> items(1);
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '\\' && i + 1 < list.size() && list[i + 1] == separator) {
      items.back() += list[++i];
    } else if (list[i] == separator) {
      items.emplace_back();
    } else {
      items.back() += list[i];
    }
  }
  for (std::string& item : items) item = trimmed(item);
  std::erase(items, std::string());
  return items;
}

Result<NamePatterns> NamePatterns::parse(std::string_view list) {
  NamePatterns made;
  for (std::string text : split_list(list, ',')) {
    if (text.starts_with(kCaseAside)) text.erase(0, kCaseAside.size());
    try {
      made.patterns_.emplace_back(text, std::regex::ECMAScript | std::regex::icase | std::regex::optimize);
    } catch (const std::regex_error& error) {
      return fail(ErrorKind::kConfiguration,
                  "\"" + text + "\" is no regular expression that can be read: " + error.what(),
                  "use what ECMAScript's expressions know: groups, classes, lookahead");
    }
  }
  return made;
}

bool NamePatterns::match(std::string_view name) const {
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const std::regex& pattern) {
    return std::regex_match(name.begin(), name.end(), pattern);
  });
}

}  // namespace penstock::envelope
