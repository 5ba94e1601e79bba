// A YAML file as a plain tree: duplicate keys refused, variables of the environment put in, places kept.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace penstock::app {

// A variable of the environment; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> process_environment(const std::string& name);

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  struct Entry;

  Kind kind = Kind::kNull;
  std::string text;    // scalar, with variables put in
  bool plain = false;  // scalar without quotes: only plain true and false are booleans
  int line = 0;        // from 1
  int column = 0;      // from 1
  // Of a scalar's first character, behind a quote or on the line below "|".
  int text_line = 0;
  int text_column = 0;
  std::vector<YamlNode> items;
  std::vector<Entry> entries;  // in the order of the file; keys are distinct and taken literally

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_true() const { return is_scalar() && plain && text == "true"; }
  bool is_false() const { return is_scalar() && plain && text == "false"; }
  const Entry* find(std::string_view key) const;
};

struct YamlNode::Entry {
  std::string key;
  int line = 0;
  int column = 0;
  YamlNode value;
};

// "pipeline.yaml:14:5: what", as an error of kind kConfiguration.
Error error_at(const std::string& file, int line, int column, const std::string& what,
               std::string remedy = {});
Error error_at(const std::string& file, const YamlNode& node, const std::string& what,
               std::string remedy = {});
Error error_at(const std::string& file, const YamlNode::Entry& entry, const std::string& what,
               std::string remedy = {});

// `file` names the text in errors. In scalars that are values, ${NAME} and ${NAME:-default} are replaced (the
// default also when NAME is empty, as in a shell), and $$ is $; any other $ stands for itself.
Result<YamlNode> parse_yaml(const std::string& text, const std::string& file, const Environment& environment);

}  // namespace penstock::app
