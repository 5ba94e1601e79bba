#include "app/preflight/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "app/preflight/read_model_plan.h"
#include "projection/collection_plan.h"

namespace penstock::app {
namespace {

// "total <- amount numeric(10,2) as string"; the source of a metadata field is "metadata".
std::string describe_field(const FieldShape& field, const std::string& table) {
  const std::string source =
      field.source.starts_with(table + ".") ? field.source.substr(table.size() + 1) : field.source;
  const bool renamed = !source.starts_with(field.name + " ");
  std::string text = renamed ? field.name + " <- " + source : source;
  if (field.as != BsonType::kDefault) text += std::string(" as ") + name_of(field.as);
  return text;
}

std::string describe_spec_field(const FieldSpec& field) {
  std::string text = field.name == field.column ? field.name : field.name + " <- " + field.column;
  if (field.as != BsonType::kDefault) text += std::string(" as ") + name_of(field.as);
  return field.drop ? "(without " + field.name + ")" : text;
}

std::string describe_shape(const DocumentShape& shape) {
  std::string id;
  for (const FieldShape& field : shape.id)
    id += (id.empty() ? "" : ", ") + describe_field(field, shape.table);
  if (shape.id.size() > 1) id = "{ " + id + " }";
  std::string text = "      _id: " + id + "\n";
  for (const FieldShape& field : shape.fields) text += "      " + describe_field(field, shape.table) + "\n";
  return text;
}

// What the file alone says.
std::string describe_spec(const CollectionSpec& spec) {
  std::string text;
  if (spec.all_columns) text += "      every column\n";
  for (const FieldSpec& field : spec.fields) text += "      " + describe_spec_field(field) + "\n";
  if (spec.change_field) text += "      " + *spec.change_field + " <- metadata\n";
  if (spec.time_field) text += "      " + *spec.time_field + " <- metadata\n";
  return text;
}

std::string describe_indexes(const CollectionSettings& collection) {
  std::string text;
  for (const IndexSettings& index : collection.indexes) {
    std::string keys;
    for (const auto& [field, direction] : index.keys)
      keys += (keys.empty() ? "" : ", ") + field + ": " + direction;
    text += fmt::format("      index {{ {} }}{}\n", keys,
                        index.options_json == "{}" ? "" : " " + index.options_json);
  }
  for (const std::string& field : worthwhile_indexes(collection))
    text += fmt::format("      index worth having: {{ {}: 1 }}\n", field);
  return text;
}

std::string describe_collection(const CollectionSettings& collection, const TableSchema* schema) {
  const CollectionSpec& spec = collection.spec;
  const std::string end =
      describe_indexes(collection) +
      fmt::format("      deletes: {}\n", spec.soft_deletes ? "soft (marked and kept)" : "hard");
  if (!spec.is_plain()) return describe_read_model(collection) + end;
  std::string text = fmt::format("    -> {}\n", spec.name);
  std::optional<DocumentShape> shape;
  if (schema != nullptr)
    if (auto made = plan_collection(spec, *schema)) shape = std::move(made->shape);
  text += shape ? describe_shape(*shape) : describe_spec(spec);
  return text + end;
}

}  // namespace

std::string explain(const Settings& settings, const TableDescriptions& tables, const Statistics& statistics,
                    const ColumnsRead& columns) {
  std::string text =
      fmt::format("\nPipeline {}: publication {}, slot {} -> database {}, {}\n", settings.pipeline,
                  settings.source.publication, settings.source.slot, settings.sink.database,
                  settings.sink.delivery == Delivery::kExactlyOnce ? "exactly once" : "idempotent");
  for (const Settings::Table& table : settings.tables()) {
    const auto found = tables.find(to_string(table.name));
    const TableSchema* schema = found != tables.end() ? found->second.schema.get() : nullptr;
    const bool is_root =
        std::any_of(settings.collections.begin(), settings.collections.end(),
                    [&](const CollectionSettings& collection) { return collection.spec.from == table.name; });
    if (!is_root) continue;
    text += fmt::format("  {}\n", to_string(table.name));
    for (const CollectionSettings& collection : settings.collections)
      if (collection.spec.from == table.name) text += describe_collection(collection, schema);
  }
  return text + describe_state(settings, plan_state(settings, statistics, columns));
}

}  // namespace penstock::app
