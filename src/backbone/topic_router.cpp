#include "backbone/topic_router.h"

#include <cctype>

namespace penstock::backbone {
namespace {

using Groups = std::map<std::string, int>;

// "(?<name>" becomes "("; the names' numbers are kept.
std::string without_names(const std::string& pattern, Groups& groups) {
  std::string plain;
  int number = 0;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    plain += c;
    if (c == '\\' && i + 1 < pattern.size()) {
      plain += pattern[++i];
    } else if (c == '[' || c == ']') {
      in_class = c == '[';
    } else if (c == '(' && !in_class) {
      const bool named = pattern.compare(i, 3, "(?<") == 0 && i + 3 < pattern.size() &&
                         std::isalpha(static_cast<unsigned char>(pattern[i + 3])) != 0;
      const std::size_t end = named ? pattern.find('>', i) : std::string::npos;
      if (named && end != std::string::npos) {
        groups[pattern.substr(i + 3, end - i - 3)] = ++number;
        i = end;
      } else if (pattern.compare(i, 2, "(?") != 0) {
        ++number;
      }
    }
  }
  return plain;
}

Result<std::string> numbered(const std::string& replacement, const Groups& groups) {
  std::string made;
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] == '\\' && i + 1 < replacement.size()) {
      made += replacement[++i];
      if (made.back() == '$') made += '$';
      continue;
    }
    if (replacement.compare(i, 2, "${") != 0) {
      made += replacement[i];
      continue;
    }
    const std::size_t end = replacement.find('}', i);
    const std::string name = replacement.substr(i + 2, end - i - 2);
    const auto group = groups.find(name);
    if (end == std::string::npos || group == groups.end())
      return fail(ErrorKind::kConfiguration, "names no group \"" + name + "\" of the expression");
    made += "$" + std::to_string(group->second);
    i = end;
  }
  return made;
}

}  // namespace

Result<TopicRouter> TopicRouter::parse(const std::string& pattern, const std::string& replacement) {
  TopicRouter made;
  Groups groups;
  const std::string plain = without_names(pattern, groups);
  try {
    made.pattern_ = std::regex(plain);
  } catch (const std::regex_error& error) {
    return fail(ErrorKind::kConfiguration, "\"" + pattern + "\" cannot be read: " + error.what());
  }
  PENSTOCK_ASSIGN(made.replacement_, numbered(replacement, groups));
  return made;
}

std::string TopicRouter::topic_of(const std::string& name) const {
  if (!std::regex_match(name, pattern_)) return name;
  return std::regex_replace(name, pattern_, replacement_, std::regex_constants::format_first_only);
}

}  // namespace penstock::backbone
