#include "envelope/unwrapped.h"

#include <algorithm>

namespace penstock::envelope {
namespace {

constexpr std::string_view kDeleted = "__deleted";

void drop_unknown(std::vector<MetadataField>& fields) {
  std::erase_if(fields, [](const MetadataField& field) { return !is_known(field); });
}

}  // namespace

UnwrappedRows::UnwrappedRows(const Options& options, const TableFacts& facts, const TableEnvelope& table,
                             const UnwrapOptions& unwrap)
    : table_(table), unwrap_(unwrap), names_{options.server, options.database, facts.schema, facts.table} {
  drop_unknown(unwrap_.fields);
  drop_unknown(unwrap_.headers);
  marks_ = unwrap.deletes == DeleteMode::kRewrite || unwrap.deletes == DeleteMode::kRewriteWithTombstone;
  if (!options.value_schemas) return;
  std::vector<SchemaField> fields = table.row_fields();
  if (marks_) fields.push_back({std::string(kDeleted), primitive("string", true)});
  for (const MetadataField& field : unwrap_.fields) fields.push_back({field.name, schema_of(field)});
  head_ = with_schema(struct_of(fields, table.row_schema().name));
  null_head_ = with_schema(table.row_schema());
  tail_ += '}';
}

void UnwrappedRows::append_added(std::string& out, const Change& change) const {
  for (const MetadataField& field : unwrap_.fields) {
    if (out.back() != '{') out += ',';
    append_json_string(out, field.name);
    out += ':';
    const auto value = value_of(field, change, names_);
    if (!value) {
      out += "null";
    } else if (value->is_number) {
      out += value->text;
    } else {
      append_json_string(out, value->text);
    }
  }
}

Status UnwrappedRows::append_row(std::string& out, const Change& change) const {
  const bool deleted = change.after == nullptr;
  out += head_;
  PENSTOCK_TRY(table_.append_open_row(out, deleted ? change.before : change.after, deleted));
  if (marks_) {
    if (out.back() != '{') out += ',';
    out += deleted ? R"("__deleted":"true")" : R"("__deleted":"false")";
  }
  append_added(out, change);
  out += '}';
  out += tail_;
  return {};
}

void UnwrappedRows::append_null(std::string& out) const {
  out += null_head_;
  out += "null";
  out += tail_;
}

UnwrappedRows::Headers UnwrappedRows::headers(const Change& change) const {
  Headers made;
  for (const MetadataField& field : unwrap_.headers) {
    auto value = value_of(field, change, names_);
    made.emplace_back(field.name, value ? std::optional(std::move(value->text)) : std::nullopt);
  }
  return made;
}

UnwrappedRows::Headers UnwrappedRows::tombstone_headers() const {
  Headers made;
  for (const MetadataField& field : unwrap_.headers)
    if (field.parent.empty() && field.field == "op") made.emplace_back(field.name, "d");
  return made;
}

}  // namespace penstock::envelope
