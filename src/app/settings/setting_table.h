// Every key of the pipeline file, in one table: the reader, docs/configuration.md and the JSON Schema come
// from it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace penstock::app {

enum class SettingType {
  kText,
  kBool,
  kCount,        // a whole number from 1
  kSize,         // bytes: a whole number, or one with KiB, MiB, GiB, TiB, KB, MB, GB or TB
  kDuration,     // a whole number with s, m, h or d
  kChoice,       // one of `choices`
  kNames,        // a column name or a list of them
  kTable,        // schema.table
  kSql,          // an expression
  kSqlList,      // expressions with commas between them, or a list of such texts
  kPairs,        // map: column to column; or names of columns that both sides have
  kTexts,        // map: name to text
  kFields,       // list or map of fields
  kIndexKeys,    // map: field to direction
  kAny,          // handed on to MongoDB as it is
  kSection,      // a map with keys of its own: rows below "path."
  kSwitch,       // true, false, or such a map, which means true
  kSectionMap,   // a map from names to sections: rows below "path.*."
  kEmbeds,       // a map from names to embeds, which may hold embeds: rows below "embed.*."
  kSectionList,  // a list of sections: rows below "path[]."
};

struct Setting {
  std::string_view path;  // "source.slot", "collections.*.from"
  SettingType type;
  bool required;
  std::string_view default_value;  // as written in the file; "<…>" is prose; empty: none
  std::string_view choices;        // "hard|soft" for kChoice
  std::string_view description;
};

const std::vector<Setting>& setting_table();

// Keys that belong to later parts of the program: known by name and refused with a sentence of their own.
struct DeferredSetting {
  std::string_view path;
  std::string_view sentence;
};
const std::vector<DeferredSetting>& deferred_settings();

const Setting* find_setting(std::string_view path);
const DeferredSetting* find_deferred(std::string_view path);
// The rows one level below `section` ("" for the file itself, "collections.*" for a collection).
std::vector<const Setting*> settings_of(std::string_view section);
// The last part of a path: "slot" of "source.slot".
std::string_view key_of(const Setting& setting);
std::vector<std::string> split_choices(std::string_view choices);

// The whole of docs/configuration.md.
std::string configuration_markdown();
// JSON Schema (draft 2020-12) of the pipeline file.
std::string configuration_json_schema();

}  // namespace penstock::app
