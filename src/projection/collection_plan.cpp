#include "projection/collection_plan.h"

#include <algorithm>
#include <numeric>

#include "projection/nearest_column.h"

namespace penstock {
namespace {

constexpr std::string_view kId = "_id";

bool slice_of_row(const std::vector<std::uint16_t>& columns) {
  for (std::size_t i = 1; i < columns.size(); ++i) {
    if (columns[i] != columns[i - 1] + 1) return false;
  }
  return true;
}

class Planner {
 public:
  Planner(const CollectionSpec& spec, const TableSchema& schema) : spec_(spec), schema_(schema) {}

  Result<CollectionPlan> plan() {
    plan_.shape.collection = spec_.name;
    plan_.shape.table = to_string(schema_.table);
    plan_.shape.soft_deletes = spec_.soft_deletes;
    PENSTOCK_TRY(check_columns());
    PENSTOCK_TRY(plan_id());
    if (spec_.all_columns) PENSTOCK_TRY(add_columns());
    PENSTOCK_TRY(add_other_fields());
    PENSTOCK_TRY(add_metadata());
    const auto& columns = plan_.field_columns;
    plan_.fields_are_row = columns.size() == plan_.shape.fields.size() && slice_of_row(columns) &&
                           (columns.empty() || columns.front() == 0);
    plan_.id_is_slice = slice_of_row(plan_.id_columns);
    return std::move(plan_);
  }

 private:
  // Every column the definition names, also a dropped one: a misspelt `false` would show what was to be left
  // out.
  Status check_columns() const {
    for (const FieldSpec& field : spec_.fields) PENSTOCK_TRY(find(field));
    for (const FieldSpec& field : spec_.id) PENSTOCK_TRY(find(field));
    return {};
  }

  Result<std::uint16_t> find(const FieldSpec& field) const {
    if (const auto column = schema_.find(field.column)) return *column;
    std::string message = "collection " + spec_.name + ": table " + to_string(schema_.table) +
                          " has no column \"" + field.column + "\"";
    const Column* nearest = nearest_column(schema_, field.column);
    if (nearest != nullptr) message += "; the nearest is \"" + nearest->name + "\"";
    if (field.line > 0) message += " (line " + std::to_string(field.line) + " of the pipeline file)";
    return fail(
        ErrorKind::kConfiguration, std::move(message),
        "correct the field in the pipeline file, or add the column to the table and to the publication's "
        "column list");
  }

  FieldShape shape_of(const std::string& name, BsonType as, std::uint16_t column) const {
    const Column& from = schema_.columns[column];
    return {name, as, plan_.shape.table + "." + from.name + " " + from.type_name};
  }

  Status plan_id() {
    if (spec_.id.empty() && schema_.key.empty()) {
      return fail(ErrorKind::kConfiguration,
                  "collection " + spec_.name + ": table " + plan_.shape.table + " has no primary key",
                  "ALTER TABLE " + quoted(schema_.table) +
                      " ADD PRIMARY KEY (...); or name the columns of a unique index in the pipeline file: "
                      "key: [...]");
    }
    for (const std::uint16_t column : schema_.key) {
      if (spec_.id.empty()) add_id(schema_.columns[column].name, BsonType::kDefault, column);
    }
    for (const FieldSpec& field : spec_.id) {
      PENSTOCK_ASSIGN(const std::uint16_t column, find(field));
      add_id(field.name, field.as, column);
    }
    return {};
  }

  void add_id(const std::string& name, BsonType as, std::uint16_t column) {
    plan_.shape.id.push_back(shape_of(name, as, column));
    plan_.shape.id_columns.push_back(schema_.columns[column].name);
    plan_.id_columns.push_back(column);
  }

  const FieldSpec* named(const std::string& name) const {
    const auto found = std::find_if(spec_.fields.begin(), spec_.fields.end(), [&](const FieldSpec& field) {
      return !field.drop && field.name == name;
    });
    return found == spec_.fields.end() ? nullptr : &*found;
  }

  bool dropped(const std::string& column) const {
    return std::any_of(spec_.fields.begin(), spec_.fields.end(),
                       [&](const FieldSpec& field) { return field.drop && field.column == column; });
  }

  Status add_columns() {
    for (std::size_t column = 0; column < schema_.columns.size(); ++column) {
      PENSTOCK_TRY(add_column(static_cast<std::uint16_t>(column)));
    }
    return {};
  }

  Status add_column(std::uint16_t column) {
    const std::string& name = schema_.columns[column].name;
    if (const FieldSpec* field = named(name)) return add_spec(*field);
    return dropped(name) ? Status() : add_field(name, BsonType::kDefault, column);
  }

  Status add_other_fields() {
    for (const FieldSpec& field : spec_.fields) {
      const bool placed = spec_.all_columns && schema_.find(field.name).has_value();
      if (!field.drop && !placed) PENSTOCK_TRY(add_spec(field));
    }
    return {};
  }

  Status add_spec(const FieldSpec& field) {
    PENSTOCK_ASSIGN(const std::uint16_t column, find(field));
    return add_field(field.name, field.as, column);
  }

  Status add_field(const std::string& name, BsonType as, std::uint16_t column) {
    if (name == kId) {
      if (plan_.id_columns.size() == 1 && plan_.id_columns.front() == column) return {};
      return fail(ErrorKind::kConfiguration,
                  "collection " + spec_.name + ": column \"" + schema_.columns[column].name +
                      "\" would be written as the field \"_id\", which is the key of the document",
                  "leave it out or give it another name under collections: " + spec_.name +
                      ": fields:, or make it the "
                      "key with id:");
    }
    PENSTOCK_TRY(refuse_second(name));
    plan_.shape.fields.push_back(shape_of(name, as, column));
    plan_.field_columns.push_back(column);
    return {};
  }

  Status refuse_second(const std::string& name) const {
    const auto& fields = plan_.shape.fields;
    const bool there =
        std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return field.name == name; });
    if (!there) return {};
    return fail(ErrorKind::kConfiguration,
                "collection " + spec_.name + " has two fields called \"" + name + "\"",
                "give one of them another name in the pipeline file");
  }

  Status add_metadata() {
    plan_.shape.change_field = -1;
    plan_.shape.time_field = -1;
    if (spec_.change_field) PENSTOCK_TRY(add_metadata_field(*spec_.change_field, plan_.shape.change_field));
    if (spec_.time_field) PENSTOCK_TRY(add_metadata_field(*spec_.time_field, plan_.shape.time_field));
    return {};
  }

  Status add_metadata_field(const std::string& name, int& index) {
    PENSTOCK_TRY(refuse_second(name));
    index = static_cast<int>(plan_.shape.fields.size());
    plan_.shape.fields.push_back({name, BsonType::kDefault, "metadata field " + name});
    return {};
  }

  const CollectionSpec& spec_;
  const TableSchema& schema_;
  CollectionPlan plan_;
};

}  // namespace

Result<CollectionPlan> plan_collection(const CollectionSpec& spec, const TableSchema& schema) {
  return Planner(spec, schema).plan();
}

}  // namespace penstock
