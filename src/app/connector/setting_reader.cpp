#include "app/connector/setting_reader.h"

#include <charconv>

namespace penstock::app {

Error SettingReader::error(const std::string& setting, const std::string& what,
                           const std::string& remedy) const {
  return make_error(ErrorKind::kConfiguration, file_.file + ": \"" + setting + "\" " + what, remedy);
}

std::string SettingReader::text(const std::string& setting, const std::string& otherwise) const {
  const std::string* value = file_.find(setting);
  return value == nullptr || value->empty() ? otherwise : *value;
}

Result<bool> SettingReader::truth(const std::string& setting, bool otherwise) const {
  const std::string value = text(setting, otherwise ? "true" : "false");
  if (value == "true" || value == "false") return value == "true";
  return fail(error(setting, "is \"" + value + "\"", "use true or false"));
}

Result<std::int64_t> SettingReader::number(const std::string& setting, std::int64_t otherwise) const {
  const std::string value = text(setting, std::to_string(otherwise));
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (code == std::errc() && end == value.data() + value.size()) return number;
  return fail(error(setting, "is \"" + value + "\", which is no number"));
}

Result<envelope::NamePatterns> SettingReader::patterns(const std::string& setting) const {
  auto made = envelope::NamePatterns::parse(text(setting));
  if (made) return made;
  return fail(error(setting, made.error().message, made.error().remedy));
}

}  // namespace penstock::app
