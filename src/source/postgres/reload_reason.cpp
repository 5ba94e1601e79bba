#include "source/postgres/reload_reason.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace penstock::postgres {
namespace {

std::string_view line_of(std::string_view fingerprint, std::string_view name) {
  while (!fingerprint.empty()) {
    const auto end = std::min(fingerprint.find('\n'), fingerprint.size());
    const std::string_view line = fingerprint.substr(0, end);
    if (line.size() > name.size() && line.substr(0, name.size()) == name && line[name.size()] == ' ')
      return line.substr(name.size() + 1);
    fingerprint.remove_prefix(std::min(end + 1, fingerprint.size()));
  }
  return {};
}

// "oid:mark,oid:mark," as a map.
std::map<std::string_view, std::string_view> marks_of(std::string_view line) {
  std::map<std::string_view, std::string_view> marks;
  while (!line.empty()) {
    const auto end = std::min(line.find(','), line.size());
    const std::string_view entry = line.substr(0, end);
    const auto colon = std::min(entry.find(':'), entry.size());
    marks.emplace(entry.substr(0, colon), entry.substr(std::min(colon + 1, entry.size())));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return marks;
}

// A leaf whose file changed may have been truncated, which the stream does not tell under its root.
bool rewritten(std::string_view stored, std::string_view current) {
  const auto old_files = marks_of(line_of(stored, "files"));
  const auto old_attributes = marks_of(line_of(stored, "attributes"));
  const auto attributes = marks_of(line_of(current, "attributes"));
  const auto leaves = marks_of(line_of(current, "leaves"));
  for (const auto& [oid, file] : marks_of(line_of(current, "files"))) {
    const auto before = old_files.find(oid);
    if (before == old_files.end() || before->second == file) continue;
    if (leaves.contains(oid)) return true;
    const auto was = old_attributes.find(oid);
    const auto is = attributes.find(oid);
    if (was != old_attributes.end() && is != attributes.end() && was->second != is->second) return true;
  }
  return false;
}

bool partitions_differ(std::string_view stored, std::string_view current,
                       const std::set<std::uint32_t>& empty) {
  const auto before = marks_of(line_of(stored, "leaves"));
  const auto now = marks_of(line_of(current, "leaves"));
  const auto gone = [&](const auto& leaf) { return !now.contains(leaf.first); };
  const auto came_with_rows = [&](const auto& leaf) {
    return !before.contains(leaf.first) &&
           !empty.contains(static_cast<std::uint32_t>(std::stoul(std::string(leaf.first))));
  };
  return std::any_of(before.begin(), before.end(), gone) ||
         std::any_of(now.begin(), now.end(), came_with_rows);
}

}  // namespace

std::string load_fingerprint(const std::string& description, const std::string& definition) {
  std::string one_line = definition;
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  return description + "\ndefinition " + one_line;
}

std::optional<std::string> reload_reason(const std::string& stored, const std::string& current,
                                         const std::set<std::uint32_t>& empty_leaves) {
  const auto differs = [&](const char* name) { return line_of(stored, name) != line_of(current, name); };
  if (differs("definition")) return "its collections are defined differently";
  if (differs("columns")) return "its columns changed";
  if (differs("key")) return "its key changed";
  if (differs("publication")) return "the publication carries it differently or was made anew";
  if (partitions_differ(stored, current, empty_leaves)) return "its partitions changed";
  if (rewritten(stored, current)) return "it was rewritten by ALTER TABLE, or a partition was truncated";
  return std::nullopt;
}

}  // namespace penstock::postgres
