#include "app/preflight/read_model_plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace penstock::app {
namespace {

std::string source_of(const FieldSpec& field) { return field.column.empty() ? field.sql.text : field.column; }

std::string describe_field(const FieldSpec& field, const std::string& indent) {
  if (field.drop) return fmt::format("{}(without {})\n", indent, field.name);
  if (!field.fields.empty()) {
    std::string text = fmt::format("{}{}:\n", indent, field.name);
    for (const FieldSpec& inner : field.fields) text += describe_field(inner, indent + "  ");
    return text;
  }
  const std::string source = source_of(field);
  return fmt::format("{}{}{}{}\n", indent, field.name, source == field.name ? "" : " <- " + source,
                     field.as == BsonType::kDefault ? "" : std::string(" as ") + name_of(field.as));
}

std::string describe_fields(bool all_columns, const std::vector<FieldSpec>& fields,
                            const std::string& indent) {
  std::string text = all_columns ? indent + "every column\n" : "";
  for (const FieldSpec& field : fields) text += describe_field(field, indent);
  return text;
}

std::string describe_pairs(const std::vector<EmbedSpec::Pair>& pairs) {
  std::string text;
  for (const EmbedSpec::Pair& pair : pairs)
    text += fmt::format("{}{} = {}", text.empty() ? "" : " and ", pair.left, pair.right);
  return text.empty() ? "its only foreign key" : text;
}

std::string describe_rows(const EmbedSpec& embed) {
  std::string text;
  if (!embed.where.text.empty()) text += ", where " + embed.where.text;
  std::string order;
  for (const OrderSpec& one : embed.order_by)
    order += (order.empty() ? "" : ", ") + one.sql.text + (one.descending ? " desc" : "") +
             (one.nulls_first ? " nulls first" : "");
  if (!order.empty()) text += ", by " + order;
  if (embed.limit) text += fmt::format(", the first {}", *embed.limit);
  if (embed.depth > 1) text += fmt::format(", {} levels deep", embed.depth);
  if (embed.shape == EmbedSpec::Shape::kMap)
    text += ", as a map by " + (embed.map_key.text.empty() ? "key" : embed.map_key.text);
  if (!embed.value.text.empty()) text += ", values " + embed.value.text;
  if (embed.hidden) text += ", hidden";
  if (embed.merge) text += ", merged";
  return text;
}

std::string describe_embeds(const std::vector<EmbedSpec>& embeds, const std::string& indent) {
  std::string text;
  for (const EmbedSpec& embed : embeds) {
    const char* kind = embed.kind == EmbedSpec::Kind::kMany ? "many" : "one";
    const std::string join =
        embed.through
            ? fmt::format("through {} ({}; {})", to_string(embed.through->from),
                          describe_pairs(embed.through->owner), describe_pairs(embed.through->embedded))
            : "on " + describe_pairs(embed.join);
    text += fmt::format("{}{}: {} {} {}{}\n", indent, embed.name, kind, to_string(embed.from), join,
                        describe_rows(embed));
    if (embed.value.text.empty() && !embed.hidden)
      text += describe_fields(embed.all_columns, embed.fields, indent + "  ");
    text += describe_embeds(embed.embeds, indent + "  ");
  }
  return text;
}

std::string describe_id(const CollectionSpec& spec) {
  const std::vector<FieldSpec>& fields = spec.is_summary() ? spec.group_by : spec.id;
  if (fields.empty()) return "the key";
  if (fields.size() == 1) return source_of(fields.front());
  std::string text;
  for (const FieldSpec& field : fields)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", field.name, source_of(field));
  return "{ " + text + " }";
}

// The name under which a column stands in the document; empty: it does not.
std::string shown_as(const CollectionSpec& spec, const std::string& column) {
  for (const FieldSpec& field : spec.fields)
    if (!field.drop && field.column == column) return field.name;
  const bool taken = std::any_of(spec.fields.begin(), spec.fields.end(),
                                 [&](const FieldSpec& field) { return field.name == column; }) ||
                     std::any_of(spec.embeds.begin(), spec.embeds.end(), [&](const EmbedSpec& embed) {
                       return !embed.hidden && embed.name == column;
                     });
  return spec.all_columns && !taken ? column : "";
}

}  // namespace

std::string describe_read_model(const CollectionSettings& collection) {
  const CollectionSpec& spec = collection.spec;
  std::string text =
      fmt::format("    -> {}{}\n", spec.name, spec.is_summary() ? ", one document per group" : "");
  if (!spec.where.text.empty()) text += "      where " + spec.where.text + "\n";
  text += "      _id: " + describe_id(spec) + "\n";
  text += describe_fields(spec.all_columns, spec.fields, "      ");
  text += describe_embeds(spec.embeds, "      ");
  for (const auto& name : {spec.change_field, spec.time_field})
    if (name) text += "      " + *name + " <- metadata\n";
  return text;
}

std::string describe_state(const Settings& settings, const std::vector<KeptTable>& plan) {
  if (plan.empty()) return "";
  double bytes = 0;
  std::string tables;
  for (const KeptTable& table : plan) {
    bytes += table.bytes;
    tables += fmt::format("    {}: key ({})", to_string(table.name), fmt::join(table.key, ", "));
    for (const auto& lookup : table.lookups) tables += fmt::format(", by ({})", fmt::join(lookup, ", "));
    tables += table.columns.empty() ? "; every column"
                                    : fmt::format("; columns {}", fmt::join(table.columns, ", "));
    tables += fmt::format("; about {} rows", count_text(table.rows));
    tables += table.bytes > 0 ? fmt::format(", {}\n", size_text(table.bytes)) : ", never analyzed\n";
  }
  return fmt::format("  State in {}, about {}\n", settings.state, size_text(bytes)) + tables;
}

std::vector<std::string> worthwhile_indexes(const CollectionSettings& collection) {
  std::vector<std::string> fields;
  for (const EmbedSpec& embed : collection.spec.embeds) {
    if (embed.kind != EmbedSpec::Kind::kOne || embed.join.size() != 1) continue;
    const std::string field = shown_as(collection.spec, embed.join.front().right);
    const bool there = std::any_of(
        collection.indexes.begin(), collection.indexes.end(),
        [&](const IndexSettings& index) { return !index.keys.empty() && index.keys.front().first == field; });
    if (!field.empty() && !there && std::find(fields.begin(), fields.end(), field) == fields.end())
      fields.push_back(field);
  }
  return fields;
}

}  // namespace penstock::app
