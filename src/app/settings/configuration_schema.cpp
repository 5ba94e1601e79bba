// JSON Schema of the pipeline file out of the setting table, for editors. It is a little wider than the
// reader: a value may be a ${VARIABLE} wherever a scalar stands.
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include "app/settings/setting_table.h"
#include "model/document_write.h"

namespace penstock::app {
namespace {

class SchemaWriter {
 public:
  SchemaWriter() : writer_(buffer_) { writer_.SetIndent(' ', 2); }

  std::string write() {
    writer_.StartObject();
    pair("$schema", "https://json-schema.org/draft/2020-12/schema");
    pair("title", "Penstock pipeline");
    section_body("");
    definitions();
    writer_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n";
  }

 private:
  void key(std::string_view text) { writer_.Key(text.data(), static_cast<rapidjson::SizeType>(text.size())); }
  void text(std::string_view value) {
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void pair(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }

  void section_body(const std::string& path) {
    pair("type", "object");
    key("additionalProperties");
    writer_.Bool(false);
    key("properties");
    writer_.StartObject();
    for (const Setting* setting : settings_of(path)) property(*setting);
    writer_.EndObject();
    key("required");
    writer_.StartArray();
    for (const Setting* setting : settings_of(path))
      if (setting->required) text(key_of(*setting));
    writer_.EndArray();
  }

  // What holds itself: embeds in embeds, sub-documents in sub-documents.
  void definitions() {
    key("$defs");
    writer_.StartObject();
    key("embed");
    writer_.StartObject();
    section_body("embed.*");
    writer_.EndObject();
    key("field");
    writer_.StartObject();
    field();
    writer_.EndObject();
    writer_.EndObject();
  }

  void reference(const char* below, const char* definition) {
    key(below);
    writer_.StartObject();
    pair("$ref", std::string("#/$defs/") + definition);
    writer_.EndObject();
  }

  void property(const Setting& setting) {
    key(key_of(setting));
    writer_.StartObject();
    pair("description", setting.description);
    value(setting);
    if (!setting.default_value.empty() && setting.default_value.front() != '<') default_value(setting);
    writer_.EndObject();
  }

  void default_value(const Setting& setting) {
    key("default");
    if (setting.type == SettingType::kBool || setting.type == SettingType::kSwitch) {
      writer_.Bool(setting.default_value == "true");
    } else if (setting.type == SettingType::kCount) {
      writer_.Int64(std::stoll(std::string(setting.default_value)));
    } else {
      text(setting.default_value);
    }
  }

  void value(const Setting& setting) {
    const std::string path(setting.path);
    switch (setting.type) {
      case SettingType::kText:
      case SettingType::kTable:
        return types({"string", "number", "boolean"});
      case SettingType::kBool:
        return types({"boolean", "string"});
      case SettingType::kCount:
      case SettingType::kSize:
        return types({"integer", "string"});
      case SettingType::kChoice:
        return choice(setting);
      case SettingType::kSql:
        return types({"string", "number", "boolean"});
      case SettingType::kNames:
      case SettingType::kSqlList:
        return types({"string", "array"});
      case SettingType::kPairs:
        return types({"string", "array", "object"});
      case SettingType::kEmbeds:
        pair("type", "object");
        return reference("additionalProperties", "embed");
      case SettingType::kFields:
        return fields();
      case SettingType::kIndexKeys:
      case SettingType::kTexts:
      case SettingType::kAny:
        return pair("type", "object");
      case SettingType::kDuration:
        return types({"string"});
      case SettingType::kSwitch:
        return switched(path);
      case SettingType::kSection:
        return section_body(path);
      case SettingType::kSectionMap:
        return nested("object", "additionalProperties", path + ".*");
      case SettingType::kSectionList:
        return nested("array", "items", path + "[]");
    }
  }

  void switched(const std::string& path) {
    key("anyOf");
    writer_.StartArray();
    writer_.StartObject();
    types({"boolean", "string"});
    writer_.EndObject();
    writer_.StartObject();
    section_body(path);
    writer_.EndObject();
    writer_.EndArray();
  }

  void types(std::initializer_list<const char*> names) {
    key("type");
    writer_.StartArray();
    for (const char* name : names) text(name);
    writer_.EndArray();
  }

  void choice(const Setting& setting) {
    key("enum");
    writer_.StartArray();
    for (const std::string& known : split_choices(setting.choices)) text(known);
    writer_.EndArray();
  }

  void nested(const char* type, const char* below, const std::string& path) {
    pair("type", type);
    key(below);
    writer_.StartObject();
    section_body(path);
    writer_.EndObject();
  }

  // A column, a list of columns, or a map of fields.
  void fields() {
    types({"string", "array", "object"});
    key("items");
    writer_.StartObject();
    pair("type", "string");
    writer_.EndObject();
    reference("additionalProperties", "field");
  }

  // One field of a map: a column, an expression, { sql, as }, or a sub-document.
  void field() {
    types({"boolean", "string", "number", "object"});
    key("properties");
    writer_.StartObject();
    key("sql");
    writer_.StartObject();
    types({"string", "number", "boolean"});
    writer_.EndObject();
    key("as");
    writer_.StartObject();
    key("enum");
    writer_.StartArray();
    for (int type = static_cast<int>(BsonType::kInt); type <= static_cast<int>(BsonType::kJson); ++type)
      text(name_of(static_cast<BsonType>(type)));
    writer_.EndArray();
    writer_.EndObject();
    writer_.EndObject();
    reference("additionalProperties", "field");
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer_;
};

}  // namespace

std::string configuration_json_schema() { return SchemaWriter().write(); }

}  // namespace penstock::app
