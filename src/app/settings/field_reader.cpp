#include "app/settings/field_reader.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>

#include "app/nearest.h"
#include "app/settings/names.h"
#include "app/settings/section.h"
#include "app/settings/sql_reader.h"

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
    if (entry.value.kind == YamlNode::Kind::kMap) return typed_or_document(entry, std::move(spec));
    if (!entry.value.is_scalar())
      return fail(error_at(
          file_, entry,
          fmt::format("field \"{}\" in {} must be a column, an expression, true, false, {{ as: TYPE }} or a "
                      "map of fields",
                      entry.key, where_)));
    if (entry.value.is_true()) return spec;
    spec.drop = entry.value.is_false();
    if (!spec.drop) PENSTOCK_TRY(take_value(entry, entry.value, spec));
    return spec;
  }

  Error error(const YamlNode::Entry& entry, const std::string& what, std::string remedy = {}) const {
    return error_at(file_, entry, fmt::format("{} {}", what, where_), std::move(remedy));
  }

 private:
  // A plain word or a name in double quotes is a column, anything else an expression.
  Status take_value(const YamlNode::Entry& field, const YamlNode& node, FieldSpec& spec) const {
    const bool literal = node.is_true() || node.is_false();
    if (const auto column = parse_column(node.text); column && !literal) {
      spec.column = *column;
      return {};
    }
    spec.column.clear();
    PENSTOCK_ASSIGN(spec.sql,
                    read_sql(file_, node, fmt::format("the value of field \"{}\" in {}", field.key, where_)));
    return {};
  }

  // name: { sql: EXPRESSION, as: TYPE }, either of them alone, or a sub-document.
  Result<FieldSpec> typed_or_document(const YamlNode::Entry& entry, FieldSpec spec) const {
    const YamlNode::Entry* sql = entry.value.find("sql");
    const YamlNode::Entry* as = entry.value.find("as");
    if (sql == nullptr && as == nullptr) return document(entry, std::move(spec));
    for (const YamlNode::Entry& part : entry.value.entries)
      if (part.key != "sql" && part.key != "as")
        return fail(error_at(file_, part,
                             fmt::format("\"{}\" beside \"{}\" in field \"{}\" in {}", part.key,
                                         sql != nullptr ? "sql" : "as", entry.key, where_),
                             "a field is { sql: EXPRESSION, as: TYPE } or a map of fields, which may not be "
                             "called sql or as"));
    if (sql != nullptr) PENSTOCK_TRY(take_value(entry, sql->value, spec));
    if (as != nullptr) {
      PENSTOCK_ASSIGN(spec.as, type(*as));
    }
    return spec;
  }

  Result<FieldSpec> document(const YamlNode::Entry& entry, FieldSpec spec) const {
    const std::string where = fmt::format("field \"{}\" in {}", entry.key, where_);
    const FieldReader inner(file_, where);
    spec.column.clear();
    for (const YamlNode::Entry& part : entry.value.entries) {
      if (part.key == "*") return fail(inner.error(part, "\"*\" is not allowed in", "name the fields"));
      PENSTOCK_ASSIGN(FieldSpec field, inner.field(part));
      if (field.drop)
        return fail(inner.error(part, fmt::format("\"{}: false\" leaves out nothing in", part.key)));
      spec.fields.push_back(std::move(field));
    }
    if (spec.fields.empty()) return fail(error_at(file_, entry, fmt::format("{} is an empty map", where)));
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
    list.fields.push_back(std::move(spec));
  }
  return list;
}

// A column, or one of embedded rows: product.category.
Result<FieldSpec> group_key(const std::string& file, const YamlNode& item, const std::string& where) {
  PENSTOCK_ASSIGN(const std::string text, scalar_text(file, item, fmt::format("a column in {}", where)));
  if (parse_column(text)) return FieldReader(file, where).column(item);
  const auto path = parse_path(text);
  if (!path)
    return fail(error_at(file, item, fmt::format("\"{}\" in {} has no name of its own", text, where),
                         fmt::format("give it one: group_by: {{ name: \"{}\" }}", text)));
  FieldSpec field{path->back(), "", BsonType::kDefault, false, item.line};
  field.sql = {quoted_path(*path), item.text_line, item.text_column};
  return field;
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
    const YamlNode::Entry alone{text, node.line, node.column, node};
    PENSTOCK_ASSIGN(FieldSpec field, FieldReader(file, where).field(alone));
    field.name = field.column.empty() ? "_id" : field.column;
    fields.push_back(std::move(field));
  }
  if (fields.empty()) return fail(error_at(file, entry, fmt::format("{} names no column", where)));
  return fields;
}

Result<std::vector<FieldSpec>> read_group_by(const std::string& file, const YamlNode::Entry& entry,
                                             const std::string& where) {
  std::vector<FieldSpec> fields;
  if (entry.value.is_scalar() && parse_path(entry.value.text)) {
    PENSTOCK_ASSIGN(FieldSpec field, group_key(file, entry.value, where));
    fields.push_back(std::move(field));
  } else if (entry.value.kind != YamlNode::Kind::kList) {
    PENSTOCK_ASSIGN(fields, read_id(file, entry, where));
  } else {
    std::set<std::string> seen;
    for (const YamlNode& item : entry.value.items) {
      PENSTOCK_ASSIGN(FieldSpec field, group_key(file, item, where));
      if (!seen.insert(field.name).second)
        return fail(error_at(file, item, fmt::format("\"{}\" is there twice in {}", field.name, where),
                             "give both a name: group_by: { one: …, other: … }"));
      fields.push_back(std::move(field));
    }
    if (fields.empty()) return fail(error_at(file, entry, fmt::format("{} names no column", where)));
  }
  for (const FieldSpec& field : fields)
    if (!field.fields.empty())
      return fail(error_at(file, entry, fmt::format("\"{}\" is a sub-document in {}", field.name, where),
                           "give each key a name of its own"));
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
