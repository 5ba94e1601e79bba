// The settings of a connector file as what they mean.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/connector/connector_file.h"
#include "base/result.h"
#include "envelope/name_patterns.h"
#include "envelope/options.h"

namespace penstock::app {

class SettingReader {
 public:
  explicit SettingReader(const ConnectorFile& file) : file_(file) {}  // which must outlive it

  // kConfiguration: FILE: "setting" WHAT.
  Error error(const std::string& setting, const std::string& what, const std::string& remedy = "") const;

  std::string text(const std::string& setting, const std::string& otherwise = "") const;
  Result<bool> truth(const std::string& setting, bool otherwise) const;
  Result<std::int64_t> number(const std::string& setting, std::int64_t otherwise) const;
  Result<envelope::NamePatterns> patterns(const std::string& setting) const;
  // The first choice is taken where the setting is missing.
  template <class T>
  Result<T> choice(const std::string& setting, const std::vector<std::pair<std::string, T>>& choices) const {
    const std::string given = text(setting, choices.front().first);
    std::string known;
    for (const auto& [name, value] : choices) {
      if (name == given) return value;
      known += (known.empty() ? "" : ", ") + name;
    }
    return fail(error(setting, "is \"" + given + "\"", "use one of " + known));
  }

 private:
  const ConnectorFile& file_;
};

// The settings that say how values are written, and topic.prefix. kConfiguration.
Status read_values(const SettingReader& in, envelope::Options& values);

}  // namespace penstock::app
