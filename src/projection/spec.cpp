#include "projection/spec.h"

#include <algorithm>

namespace penstock {
namespace {

// Quoted, so that no name can pass for another part of the line.
std::string list(const std::vector<FieldSpec>& fields) {
  std::string out = "[";
  for (const FieldSpec& field : fields) {
    if (out.size() > 1) out += ", ";
    out += quote_identifier(field.name);
    if (field.drop) {
      out += ": false";
      continue;
    }
    out += ": " + quote_identifier(field.column) + " as " + name_of(field.as);
  }
  return out + "]";
}

std::string optional_name(const std::optional<std::string>& name) {
  return name ? quote_identifier(*name) : "none";
}

bool bare(const FieldSpec& field) { return field.sql.text.empty() && field.fields.empty(); }

}  // namespace

bool CollectionSpec::is_plain() const {
  return where.text.empty() && embeds.empty() && group_by.empty() &&
         std::all_of(fields.begin(), fields.end(), bare) && std::all_of(id.begin(), id.end(), bare);
}

std::string fingerprint(const CollectionSpec& spec) {
  std::string key = "[";
  for (const std::string& column : spec.key) {
    if (key.size() > 1) key += ", ";
    key += quote_identifier(column);
  }
  return quote_identifier(spec.name) + " from " + quoted(spec.from) + " key " + key + "] id " +
         list(spec.id) + (spec.all_columns ? " all columns and " : " ") + list(spec.fields) +
         (spec.soft_deletes ? " deletes soft" : " deletes hard") + " change " +
         optional_name(spec.change_field) + " time " + optional_name(spec.time_field);
}

}  // namespace penstock
