#include "projection/spec.h"

#include <algorithm>

namespace penstock {
namespace {

// Quoted, so that no name can pass for another part of the line.
std::string text_of(const SqlText& sql) { return quote_identifier(sql.text); }

std::string list(const std::vector<FieldSpec>& fields) {
  std::string out = "[";
  for (const FieldSpec& field : fields) {
    if (out.size() > 1) out += ", ";
    out += quote_identifier(field.name);
    if (field.drop) {
      out += ": false";
      continue;
    }
    out += ": ";
    if (!field.fields.empty()) {
      out += list(field.fields);
      continue;
    }
    out += field.sql.text.empty() ? quote_identifier(field.column) : "sql " + text_of(field.sql);
    out += std::string(" as ") + name_of(field.as);
  }
  return out + "]";
}

std::string list(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? ", " : "") + quote_identifier(name);
  return out + "]";
}

std::string list(const std::vector<EmbedSpec::Pair>& pairs) {
  std::string out = "[";
  for (const EmbedSpec::Pair& pair : pairs)
    out += (out.size() > 1 ? ", " : "") + quote_identifier(pair.left) + " = " + quote_identifier(pair.right);
  return out + "]";
}

std::string optional_number(std::string_view what, const std::optional<std::uint64_t>& number) {
  return number ? " " + std::string(what) + " " + std::to_string(*number) : "";
}

std::string list(const std::vector<EmbedSpec>& embeds);

std::string text_of(const EmbedSpec& embed) {
  std::string out = quote_identifier(embed.name);
  out += embed.kind == EmbedSpec::Kind::kMany ? " many " : " one ";
  out += quoted(embed.from) + " key " + list(embed.key) + " join " + list(embed.join);
  if (embed.through)
    out += " through " + quoted(embed.through->from) + " key " + list(embed.through->key) + " owner " +
           list(embed.through->owner) + " embedded " + list(embed.through->embedded);
  out += " where " + text_of(embed.where) + " order";
  for (const OrderSpec& order : embed.order_by)
    out += " " + text_of(order.sql) + (order.descending ? " desc" : "") +
           (order.nulls_first ? " nulls first" : "");
  out += optional_number("limit", embed.limit) + optional_number("most", embed.max_array);
  out += " depth " + std::to_string(embed.depth) + (embed.all_columns ? " all columns and " : " ");
  out += list(embed.fields) + " shape " + std::to_string(static_cast<int>(embed.shape));
  out += " key " + text_of(embed.map_key) + " value " + text_of(embed.value);
  out += std::string(embed.hidden ? " hidden" : "") + (embed.merge ? " merge" : "");
  return out + " embeds " + list(embed.embeds);
}

std::string list(const std::vector<EmbedSpec>& embeds) {
  std::string out = "{";
  for (const EmbedSpec& embed : embeds) out += (out.size() > 1 ? "; " : "") + text_of(embed);
  return out + "}";
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
  std::string out = quote_identifier(spec.name) + " from " + quoted(spec.from) + " key " + list(spec.key) +
                    " id " + list(spec.id) + (spec.all_columns ? " all columns and " : " ") +
                    list(spec.fields) + (spec.soft_deletes ? " deletes soft" : " deletes hard") + " change " +
                    optional_name(spec.change_field) + " time " + optional_name(spec.time_field);
  if (!spec.where.text.empty()) out += " where " + text_of(spec.where);
  if (!spec.embeds.empty()) out += " embeds " + list(spec.embeds);
  if (!spec.group_by.empty()) out += " group by " + list(spec.group_by);
  return out;
}

}  // namespace penstock
