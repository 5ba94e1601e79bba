// One map of the pipeline file, read against the rows of the setting table below its path.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings/setting_table.h"
#include "app/settings/yaml_node.h"
#include "base/result.h"

namespace penstock::app {

// The functions that read a key fall back to the default of the table. Nodes and file name must outlive it.
class Section {
 public:
  // `path`: of the table, e.g. "collections.*". `where`: for people, e.g. "collection \"orders\"". Fails on a
  // node that is no map, on unknown and deferred keys, and on required ones that are missing. `entry`: where
  // the section is named; null for the file itself.
  static Result<Section> open(const std::string& file, const YamlNode& node, const YamlNode::Entry* entry,
                              std::string path, std::string where);

  Result<std::string> text(
      std::string_view key) const;  // not empty where given; empty when there is no default
  Result<bool> truth(std::string_view key) const;
  Result<std::size_t> count(std::string_view key, std::size_t most) const;
  Result<std::size_t> size(std::string_view key, std::size_t least) const;
  Result<std::chrono::seconds> duration(std::string_view key) const;
  Result<std::string> choice(std::string_view key) const;  // empty: absent and without default

  const YamlNode::Entry* find(std::string_view key) const { return node_->find(key); }
  const YamlNode& node() const { return *node_; }
  const std::string& file() const { return *file_; }
  const std::string& where() const { return where_; }
  // An error at the key, or at the section where the key is absent.
  Error error(std::string_view key, const std::string& what, std::string remedy = {}) const;

 private:
  Section(const std::string& file, const YamlNode& node, std::string path, std::string where)
      : file_(&file), node_(&node), path_(std::move(path)), where_(std::move(where)) {}
  Status check_keys() const;
  const Setting& setting(std::string_view key) const;
  // The scalar behind the key, or the table's default; nothing when neither is there.
  Result<std::optional<YamlNode>> scalar(std::string_view key) const;

  const std::string* file_;
  const YamlNode* node_;
  std::string path_;
  std::string where_;
};

// The scalar's text; an error when it is something else or empty. `what`: "a column name".
Result<std::string> scalar_text(const std::string& file, const YamlNode& node, const std::string& what);

}  // namespace penstock::app
