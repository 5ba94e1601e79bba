#include "app/settings/names.h"

#include <algorithm>
#include <cctype>

namespace penstock::app {
namespace {

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes a "quoted ""identifier""" off the front of `text`.
std::optional<std::string> take_quoted(std::string_view& text) {
  if (text.empty() || text.front() != '"') return std::nullopt;
  std::string name;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '"') {
      name += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '"') {
      name += text[i++];
    } else {
      text.remove_prefix(i + 1);
      return name.empty() ? std::nullopt : std::optional<std::string>(name);
    }
  }
  return std::nullopt;
}

std::optional<std::string> take_part(std::string_view& text) {
  if (!text.empty() && text.front() == '"') return take_quoted(text);
  const std::size_t end = std::min(text.find_first_of(".\""), text.size());
  if (end == 0) return std::nullopt;
  std::string name(text.substr(0, end));
  text.remove_prefix(end);
  return name;
}

}  // namespace

std::optional<std::string> parse_column(std::string_view text) {
  if (std::string_view rest = text; auto name = take_quoted(rest)) return rest.empty() ? name : std::nullopt;
  if (text.empty() || !is_letter(text.front())) return std::nullopt;
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '$'; });
  return plain ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<std::vector<std::string>> parse_path(std::string_view text) {
  std::vector<std::string> path;
  while (true) {
    const bool quotes = !text.empty() && text.front() == '"';
    std::string_view rest = text;
    const auto part = take_part(rest);
    if (!part || (!quotes && !parse_column(*part))) return std::nullopt;
    path.push_back(*part);
    if (rest.empty()) return path.size() > 1 ? std::optional(std::move(path)) : std::nullopt;
    if (rest.front() != '.') return std::nullopt;
    text = rest.substr(1);
  }
}

std::string quoted_path(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) text += (text.empty() ? "" : ".") + quote_identifier(part);
  return text;
}

std::string parse_listed_column(std::string_view text) {
  std::string_view rest = text;
  const auto name = take_quoted(rest);
  return name && rest.empty() ? *name : std::string(text);
}

std::optional<TableName> parse_table_name(std::string_view text) {
  const auto schema = take_part(text);
  if (!schema || text.empty() || text.front() != '.') return std::nullopt;
  text.remove_prefix(1);
  const auto name = take_part(text);
  if (!name || !text.empty()) return std::nullopt;
  return TableName{*schema, *name};
}

std::optional<std::string> bad_pipeline_name(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
  if (!plain || name.empty()) return "may hold letters, digits, \"_\" and \"-\" only";
  if (name.size() > 48) return "is longer than 48 characters";
  return std::nullopt;
}

// PostgreSQL manual: "Replication Slots", Querying And Manipulating.
std::optional<std::string> bad_slot_name(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; });
  if (!plain || name.empty()) return "may hold lower-case letters, digits and \"_\" only";
  if (name.size() > 63) return "is longer than 63 characters";
  return std::nullopt;
}

// MongoDB manual: "MongoDB Limits and Thresholds", Naming Restrictions.
std::optional<std::string> bad_database_name(std::string_view name) {
  if (name.find_first_of(std::string_view("/\\. \"$*<>:|?\0", 13)) != std::string_view::npos)
    return "may not hold any of / \\ . \" $ * < > : | ? or a space";
  if (name.size() > 63) return "is longer than 63 bytes";
  if (name == "admin" || name == "local" || name == "config") return "is a database of MongoDB itself";
  return std::nullopt;
}

std::optional<std::string> bad_collection_name(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.find_first_of(std::string_view("$\0", 2)) != std::string_view::npos) return "may not hold \"$\"";
  if (name.starts_with("system.")) return "begins with \"system.\", which MongoDB keeps for itself";
  if (name.starts_with("penstock_")) return "begins with \"penstock_\", which is kept for the state";
  if (name.ends_with("_dead_letters")) return "ends with \"_dead_letters\", which is kept for parked rows";
  if (name.size() > 180) return "is longer than 180 bytes";
  return std::nullopt;
}

std::optional<std::string> bad_metadata_field(std::string_view name) {
  if (name == "_id") return "is the document's key";
  if (name.find_first_of(".$") != std::string_view::npos) return "may not hold \".\" or \"$\"";
  return std::nullopt;
}

}  // namespace penstock::app
