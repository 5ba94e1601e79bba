#include "app/settings/yaml_node.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cctype>
#include <cstdlib>
#include <map>
#include <string_view>

namespace penstock::app {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxNodes = 100000;  // aliases of aliases could make a small file endless

// The value of one "${…}" whose inside is `inside`.
Result<std::string> expand_variable(const std::string& inside, const Environment& environment) {
  const std::size_t split = inside.find(":-");
  const std::string name = inside.substr(0, split);
  bool valid = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0;
  for (const char c : name) valid = valid && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_');
  if (!valid)
    return fail(ErrorKind::kConfiguration, fmt::format("\"${{{}}}\" does not name a variable", inside),
                "write ${NAME} or ${NAME:-default}; a dollar sign that stands for itself is $$");
  const auto value = environment(name);
  if (split == std::string::npos) {
    if (value) return *value;
    return fail(ErrorKind::kConfiguration, fmt::format("the environment variable {} is not set", name),
                fmt::format("set it, or give a default: ${{{}:-default}}", name));
  }
  return value && !value->empty() ? *value : inside.substr(split + 2);
}

Result<std::string> expand(const std::string& text, const Environment& environment) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '$' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == '$') {
      out += '$';
      ++i;
    } else if (next == '{') {
      const std::size_t end = text.find('}', i);
      if (end == std::string::npos)
        return fail(ErrorKind::kConfiguration, "\"${\" without \"}\"",
                    "a dollar sign that stands for itself is $$");
      PENSTOCK_ASSIGN(const std::string value, expand_variable(text.substr(i + 2, end - i - 2), environment));
      out += value;
      i = end;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

class Converter {
 public:
  Converter(const std::string& source, const std::string& file, const Environment& environment)
      : lines_(split_lines(source)), file_(file), environment_(environment) {}

  Result<YamlNode> convert(const YAML::Node& from, int line, int column, int depth) {
    YamlNode to;
    to.line = from.Mark().line >= 0 ? from.Mark().line + 1 : line;
    to.column = from.Mark().column >= 0 ? from.Mark().column + 1 : column;
    if (depth > kMaxDepth || ++nodes_ > kMaxNodes)
      return fail(error_at(file_, to, "nested too deep, or too large"));
    switch (from.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        // The parser marks an absent value where the next thing begins.
        to.line = line;
        to.column = column;
        return to;
      case YAML::NodeType::Scalar:
        return scalar(from, std::move(to));
      case YAML::NodeType::Sequence:
        return list(from, std::move(to), depth);
      case YAML::NodeType::Map:
        return map(from, std::move(to), depth);
    }
    return to;
  }

 private:
  Result<YamlNode> scalar(const YAML::Node& from, YamlNode to) {
    to.kind = YamlNode::Kind::kScalar;
    to.plain = from.Tag() == "?";
    place_text(to);
    if (!to.plain && from.Tag() != "!")
      return fail(error_at(file_, to, fmt::format("the YAML tag {} is not used here", from.Tag())));
    auto text = expand(from.Scalar(), environment_);
    if (!text) return fail(error_at(file_, to, text.error().message, text.error().remedy));
    // "${X}" must be quoted within { }, so quotes say nothing about a value that came from a variable.
    to.plain = to.plain || *text != from.Scalar();
    to.text = std::move(*text);
    return to;
  }

  std::string_view line(int number) const {
    const auto index = static_cast<std::size_t>(number - 1);
    return index < lines_.size() ? lines_[index] : std::string_view();
  }

  // Spaces before the first character; nothing on a blank line.
  std::optional<std::size_t> indentation(int number) const {
    const std::size_t first = line(number).find_first_not_of(" \r");
    return first == std::string_view::npos ? std::nullopt : std::optional(first);
  }

  // The parser marks a scalar at its quote or block indicator.
  void place_text(YamlNode& node) const {
    node.text_line = node.line;
    node.text_column = node.column;
    const auto at = static_cast<std::size_t>(node.column - 1);
    const char mark = at < line(node.line).size() ? line(node.line)[at] : '\0';
    if (mark == '"' || mark == '\'') ++node.text_column;
    if (mark != '|' && mark != '>') return;
    int filled = ++node.text_line;  // blank lines before the first belong to the text
    while (static_cast<std::size_t>(filled) < lines_.size() && !indentation(filled)) ++filled;
    node.text_column = static_cast<int>(indentation(filled).value_or(0)) + 1;
  }

  Result<YamlNode> list(const YAML::Node& from, YamlNode to, int depth) {
    to.kind = YamlNode::Kind::kList;
    for (const auto& item : from) {
      PENSTOCK_ASSIGN(YamlNode converted, convert(item, to.line, to.column, depth + 1));
      to.items.push_back(std::move(converted));
    }
    return to;
  }

  Result<YamlNode> map(const YAML::Node& from, YamlNode to, int depth) {
    to.kind = YamlNode::Kind::kMap;
    std::map<std::string, int> seen;
    for (const auto& pair : from) {
      YamlNode::Entry entry;
      entry.line = pair.first.Mark().line + 1;
      entry.column = pair.first.Mark().column + 1;
      if (!pair.first.IsScalar())
        return fail(
            error_at(file_, entry, "a key must be a text", "a key called null or ~ is written in quotes"));
      entry.key = pair.first.Scalar();
      const auto [before, is_new] = seen.emplace(entry.key, entry.line);
      if (!is_new)
        return fail(error_at(
            file_, entry,
            fmt::format("the key \"{}\" is there twice; first in line {}", entry.key, before->second)));
      PENSTOCK_ASSIGN(entry.value, convert(pair.second, entry.line, entry.column, depth + 1));
      to.entries.push_back(std::move(entry));
    }
    return to;
  }

  const std::vector<std::string_view> lines_;
  const std::string& file_;
  const Environment& environment_;
  std::size_t nodes_ = 0;
};

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

const YamlNode::Entry* YamlNode::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry;
  return nullptr;
}

Error error_at(const std::string& file, int line, int column, const std::string& what, std::string remedy) {
  return make_error(ErrorKind::kConfiguration, fmt::format("{}:{}:{}: {}", file, line, column, what),
                    std::move(remedy));
}
Error error_at(const std::string& file, const YamlNode& node, const std::string& what, std::string remedy) {
  return error_at(file, node.line, node.column, what, std::move(remedy));
}
Error error_at(const std::string& file, const YamlNode::Entry& entry, const std::string& what,
               std::string remedy) {
  return error_at(file, entry.line, entry.column, what, std::move(remedy));
}

Result<YamlNode> parse_yaml(const std::string& text, const std::string& file,
                            const Environment& environment) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1)
      return fail(
          error_at(file, documents[1].Mark().line + 1, 1, "a second YAML document; the file holds one"));
    if (documents.empty() || !documents[0].IsMap())
      return fail(error_at(file, 1, 1, "the file must be a YAML map that begins with \"pipeline: NAME\""));
    return Converter(text, file, environment).convert(documents[0], 1, 1, 0);
  } catch (const YAML::Exception& error) {
    return fail(error_at(file, error.mark.line + 1, error.mark.column + 1, error.msg));
  }
}

}  // namespace penstock::app
