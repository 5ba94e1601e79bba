#include "app/settings/field_reader.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>

#include "app/nearest.h"
#include "app/settings/names.h"
#include "app/settings/section.h"

namespace penstock::app {
namespace {

constexpr std::array kTypes{BsonType::kInt,      BsonType::kLong, BsonType::kDouble, BsonType::kDecimal,
                            BsonType::kString,   BsonType::kBool, BsonType::kDate,   BsonType::kBinary,
                            BsonType::kObjectId, BsonType::kJson};

class FieldReader {
 public:
  FieldReader(const std::string& file, const std::string& where) : file_(file), where_(where) {}

  Result<FieldSpec> column(const YamlNode& node) const {
    PENSTOCK_ASSIGN(const std::string text,
                    scalar_text(file_, node, fmt::format("a column name in {}", where_)));
    const std::string name = parse_listed_column(text);
    return FieldSpec{name, name, BsonType::kDefault, false, node.line};
  }

  Result<FieldSpec> field(const YamlNode::Entry& entry) const {
    FieldSpec spec{entry.key, entry.key, BsonType::kDefault, false, entry.line};
    if (entry.key.empty())
      return fail(error_at(file_, entry, fmt::format("an empty field name in {}", where_)));
    if (entry.value.kind == YamlNode::Kind::kMap) return typed(entry, std::move(spec));
    if (!entry.value.is_scalar())
      return fail(
          error_at(file_, entry,
                   fmt::format("field \"{}\" in {} must be a column name, true, false, or {{ as: TYPE }}",
                               entry.key, where_)));
    if (entry.value.is_true()) return spec;
    spec.drop = entry.value.is_false();
    if (spec.drop) return spec;
    PENSTOCK_ASSIGN(spec.column, bare_column(entry, entry.value));
    return spec;
  }

  Error error(const YamlNode::Entry& entry, const std::string& what, std::string remedy = {}) const {
    return error_at(file_, entry, fmt::format("{} {}", what, where_), std::move(remedy));
  }

 private:
  Result<std::string> bare_column(const YamlNode::Entry& field, const YamlNode& node) const {
    if (const auto column = parse_column(node.text)) return *column;
    return fail(error_at(
        file_, node,
        fmt::format("expressions are not supported by this version: \"{}\" for field \"{}\" in {}", node.text,
                    field.key, where_),
        "give a column's name; one that is no plain word goes in double quotes, e.g. '\"unit price\"'"));
  }

  // name: { as: TYPE } or name: { sql: column, as: TYPE }
  Result<FieldSpec> typed(const YamlNode::Entry& entry, FieldSpec spec) const {
    for (const YamlNode::Entry& part : entry.value.entries) {
      if (part.key == "sql") {
        PENSTOCK_TRY(scalar_text(file_, part.value, "a column name"));
        PENSTOCK_ASSIGN(spec.column, bare_column(entry, part.value));
      } else if (part.key == "as") {
        PENSTOCK_ASSIGN(spec.as, type(part));
      } else {
        return fail(error_at(
            file_, part,
            fmt::format("sub-documents are not supported by this version: \"{}\" in field \"{}\" in {}",
                        part.key, entry.key, where_),
            "a field's map may hold \"as\" (a BSON type) and \"sql\" (a column)"));
      }
    }
    if (entry.value.entries.empty())
      return fail(
          error_at(file_, entry, fmt::format("field \"{}\" in {} is an empty map", entry.key, where_)));
    return spec;
  }

  Result<BsonType> type(const YamlNode::Entry& entry) const {
    std::vector<std::string> names;
    for (const BsonType type : kTypes) {
      if (entry.value.is_scalar() && entry.value.text == name_of(type)) return type;
      names.emplace_back(name_of(type));
    }
    return fail(error_at(file_, entry.value.is_scalar() ? entry.value.line : entry.line,
                         entry.value.is_scalar() ? entry.value.column : entry.column,
                         fmt::format("\"{}\" is no type for \"as\"{}", entry.value.text,
                                     did_you_mean(entry.value.text, names)),
                         fmt::format("types: {}", fmt::join(names, ", "))));
  }

  const std::string& file_;
  const std::string& where_;
};

Result<std::vector<FieldSpec>> read_columns(const std::string& file, const YamlNode& node,
                                            const std::string& where) {
  std::vector<FieldSpec> columns;
  std::set<std::string> seen;
  for (const YamlNode& item : node.items) {
    PENSTOCK_ASSIGN(FieldSpec column, FieldReader(file, where).column(item));
    if (!seen.insert(column.name).second)
      return fail(
          error_at(file, item, fmt::format("column \"{}\" is there twice in {}", column.name, where)));
    columns.push_back(std::move(column));
  }
  return columns;
}

Result<FieldList> read_field_map(const std::string& file, const YamlNode& node, const std::string& where) {
  const FieldReader reader(file, where);
  FieldList list;
  const YamlNode::Entry* star = node.find("*");
  if (star != nullptr && !star->value.is_true())
    return fail(
        reader.error(*star, "\"*\" can only be true in", "leave it out to get only the fields named"));
  list.all_columns = star != nullptr;
  for (const YamlNode::Entry& entry : node.entries) {
    if (entry.key == "*") continue;
    PENSTOCK_ASSIGN(FieldSpec spec, reader.field(entry));
    if (spec.drop && !list.all_columns)
      return fail(reader.error(
          entry, fmt::format("\"{}: false\" leaves out a column that \"*\" would bring, and there "
                             "is no \"*\": true in",
                             entry.key)));
    if (spec.name == "_id" && !spec.drop)
      return fail(
          reader.error(entry, "a field may not be called \"_id\" in", "\"id:\" of the collection sets _id"));
    list.fields.push_back(std::move(spec));
  }
  return list;
}

}  // namespace

Result<FieldList> read_fields(const std::string& file, const YamlNode::Entry& entry,
                              const std::string& where) {
  const YamlNode& node = entry.value;
  FieldList list;
  if (node.kind == YamlNode::Kind::kList) {
    PENSTOCK_ASSIGN(list.fields, read_columns(file, node, where));
    const auto star = [](const FieldSpec& field) { return field.name == "*"; };
    list.all_columns = std::erase_if(list.fields, star) > 0;
  } else if (node.kind == YamlNode::Kind::kMap) {
    PENSTOCK_ASSIGN(list, read_field_map(file, node, where));
  } else {
    return fail(error_at(file, entry, fmt::format("{} must be a list or a map of fields", where)));
  }
  if (list.fields.empty() && !list.all_columns)
    return fail(
        error_at(file, entry, fmt::format("{} names no field", where), "leave it out to get every column"));
  return list;
}

Result<std::vector<FieldSpec>> read_id(const std::string& file, const YamlNode::Entry& entry,
                                       const std::string& where) {
  const YamlNode& node = entry.value;
  std::vector<FieldSpec> fields;
  if (node.kind == YamlNode::Kind::kMap) {
    PENSTOCK_ASSIGN(FieldList list, read_field_map(file, node, where));
    if (list.all_columns)
      return fail(error_at(file, entry, fmt::format("\"*\" is not allowed in {}", where)));
    fields = std::move(list.fields);
  } else if (node.kind == YamlNode::Kind::kList) {
    PENSTOCK_ASSIGN(fields, read_columns(file, node, where));
  } else {
    PENSTOCK_ASSIGN(const std::string text,
                    scalar_text(file, node, fmt::format("a column name in {}", where)));
    YamlNode::Entry alone{text, node.line, node.column, node};
    PENSTOCK_ASSIGN(FieldSpec field, FieldReader(file, where).field(alone));
    field.name = field.column;
    fields.push_back(std::move(field));
  }
  if (fields.empty()) return fail(error_at(file, entry, fmt::format("{} names no column", where)));
  return fields;
}

Result<std::vector<std::string>> read_key(const std::string& file, const YamlNode::Entry& entry,
                                          const std::string& where) {
  std::vector<std::string> names;
  if (entry.value.is_scalar()) {
    PENSTOCK_ASSIGN(const FieldSpec column, FieldReader(file, where).column(entry.value));
    names.push_back(column.name);
  } else if (entry.value.kind == YamlNode::Kind::kList) {
    PENSTOCK_ASSIGN(const std::vector<FieldSpec> columns, read_columns(file, entry.value, where));
    for (const FieldSpec& column : columns) names.push_back(column.name);
  }
  if (names.empty())
    return fail(error_at(file, entry, fmt::format("{} must be a column or a list of columns", where)));
  return names;
}

}  // namespace penstock::app
