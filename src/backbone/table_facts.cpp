#include "backbone/table_facts.h"

#include "envelope/column_default.h"
#include "model/arena.h"
#include "pgtype/builtin_types.h"

namespace penstock::backbone {
namespace {

// The record's key: the table's, or the columns that a rule names.
std::vector<std::uint16_t> key_of(const TableSchema& schema, const envelope::ColumnRules& rules) {
  const auto* named = rules.key_of(to_string(schema.table));
  if (named == nullptr) return schema.key;
  std::vector<std::uint16_t> key;
  for (const std::string& name : *named)
    if (const auto column = schema.find(name)) key.push_back(*column);
  return key;
}

// The default as JSON; empty where there is none that events name. A mask hides values, not defaults.
std::string default_of(const Column& column, envelope::ColumnFacts facts, const envelope::Options& options) {
  const auto text = envelope::default_text(facts, column.details.default_expression);
  const auto form = envelope::form_of(facts, options);
  if (!text || !form || form->list || form->form == envelope::Form::kVariableDecimal) return "";
  pgtype::TypeCatalog types(
      [](std::uint32_t) -> Result<pgtype::TypeInfo> { return fail(ErrorKind::kBadValue, "not built in"); });
  const auto decoder = pgtype::decoder_for(facts.type, types);
  if (!decoder) return "";
  Arena arena;
  const auto value = (*decoder)->decode(*text, arena);
  facts.mask = nullptr;
  std::string json;
  if (!value || !envelope::ValueWriter(facts, *form, options).append(json, *value)) return "";
  return json;
}

void mark_hstore(envelope::ColumnFacts& facts, const std::string& type) {
  facts.is_hstore = type == "hstore" || type == "_hstore";
  if (type == "_hstore") facts.element = facts.type;
}

envelope::ColumnFacts column_facts(const Column& column, const std::string& place,
                                   const std::string& datatype, const TopicOptions& options) {
  const envelope::ColumnRules& rules = options.columns;
  envelope::ColumnFacts made;
  made.name = column.name;
  made.type = column.base_type_oid != 0 ? column.base_type_oid : column.type_oid;
  made.modifier = column.type_modifier >= 0 ? column.type_modifier : column.details.domain_modifier;
  made.not_null = column.not_null;
  if (const auto type = pgtype::builtin_type(made.type); type && type->category == 'A')
    made.element = type->element;
  mark_hstore(made, column.details.type);
  made.enum_labels = column.details.enum_labels;
  made.source_type = column.details.type;
  made.taken = rules.takes(place);
  made.mask = rules.mask_of(place);
  made.names_source_type = rules.source_types.match(place) || rules.source_types_of.match(datatype);
  if (made.mask && (made.type == 1042 || made.type == 1043) && made.modifier > 4)
    made.mask = envelope::cut_to(*made.mask, static_cast<std::size_t>(made.modifier - 4));
  made.default_json = default_of(column, made, options.values);
  return made;
}

}  // namespace

envelope::TableFacts facts_of(const TableSchema& schema, const TopicOptions& options, std::string topic) {
  envelope::TableFacts facts{
      schema.table.schema, schema.table.name, {}, key_of(schema, options.columns), std::move(topic)};
  const std::string table = to_string(schema.table) + ".";
  for (const Column& column : schema.columns)
    facts.columns.push_back(column_facts(column, table + column.name, table + column.details.type, options));
  return facts;
}

}  // namespace penstock::backbone
