#include "envelope/read/column_reader.h"
#include "pgtype/builtin_types.h"

namespace penstock::envelope {
namespace {

using DecoderPtr = std::shared_ptr<const pgtype::Decoder>;
constexpr std::uint32_t kTextOid = 25;

DecoderPtr builtin_decoder(std::uint32_t type) {
  pgtype::TypeCatalog catalog([](std::uint32_t) -> Result<pgtype::TypeInfo> {
    return fail(ErrorKind::kInternal, "only built-in types are known here");
  });
  auto made = pgtype::decoder_for(pgtype::builtin_type(type) ? type : kTextOid, catalog);
  return made ? *made : nullptr;
}

DecoderPtr decoder_of(std::uint32_t type, const DecoderSource& source) {
  if (!pgtype::builtin_type(type) && source) {
    if (auto made = source(type)) return *made;
  }
  return builtin_decoder(type);
}

// Of "public.citext[]": "citext", and that it is an array.
struct PlainName {
  std::string_view name;
  bool list = false;
};
PlainName plain_name(std::string_view type) {
  PlainName plain{type};
  plain.list = type.ends_with("[]");
  if (plain.list) plain.name.remove_suffix(2);
  if (const auto dot = plain.name.rfind('.'); dot != std::string_view::npos)
    plain.name.remove_prefix(dot + 1);
  return plain;
}

// Types of extensions that Debezium writes as their text.
bool is_written_as_text(std::string_view name) { return name == "citext" || name == "ltree"; }

std::uint32_t type_of(const Column& column) {
  return column.base_type_oid != 0 ? column.base_type_oid : column.type_oid;
}

std::string what(const Column& column) {
  return column.type_name.empty() ? column.name : column.name + " " + column.type_name;
}

}  // namespace

ColumnPlan plan_of(const Column& column, const ColumnForm& form, const DecoderSource& decoder) {
  ColumnPlan plan;
  plan.what = what(column);
  plan.type = type_of(column);
  plan.modifier = column.type_modifier;
  plan.form = form;
  const auto builtin = pgtype::builtin_type(plan.type);
  if (builtin && builtin->category == 'A' && form.list) plan.type = builtin->element;
  if (form.form == Form::kText) plan.decoder = decoder_of(plan.type, decoder);
  return plan;
}

ColumnPlan plan_of(const Column& column, const Options& options, const DecoderSource& decoder) {
  const PlainName plain = plain_name(column.type_name);
  ColumnFacts facts;
  facts.type = type_of(column);
  facts.modifier = column.type_modifier;
  facts.is_hstore = plain.name == "hstore";
  const auto builtin = pgtype::builtin_type(facts.type);
  if (builtin && builtin->category == 'A') facts.element = builtin->element;
  if (facts.is_hstore && plain.list) facts.element = facts.type;
  if (const auto form = form_of(facts, options)) return plan_of(column, *form, decoder);
  if (!builtin && is_written_as_text(plain.name)) {
    ColumnPlan plan = plan_of(column, ColumnForm{Form::kText, 0, plain.list}, decoder);
    plan.decoder = builtin_decoder(kTextOid);
    return plan;
  }
  ColumnPlan plan;
  plan.what = what(column);
  plan.type = facts.type;
  plan.form.form = Form::kBytes;
  plan.opaque = true;
  plan.decoder = decoder_of(facts.type, decoder);
  return plan;
}

}  // namespace penstock::envelope
