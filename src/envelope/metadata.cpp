#include "envelope/metadata.h"

#include <algorithm>
#include <array>

#include "envelope/envelope_schemas.h"
#include "envelope/name_patterns.h"

namespace penstock::envelope {
namespace {

constexpr std::array<std::string_view, 4> kOwn{"op", "ts_ms", "ts_us", "ts_ns"};
constexpr std::array<std::string_view, 3> kTransaction{"id", "total_order", "data_collection_order"};
constexpr std::array<std::string_view, 16> kSource{
    "version", "connector", "name",  "ts_ms", "snapshot", "db",   "sequence", "ts_us",
    "ts_ns",   "schema",    "table", "txId",  "lsn",      "xmin", "origin",   "origin_lsn"};
constexpr std::array<std::string_view, 10> kNumbers{
    "ts_ms", "ts_us", "ts_ns", "txId", "lsn", "xmin", "origin_lsn", "total_order", "data_collection_order",
    ""};

template <class List>
bool among(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

MetadataValue number(std::int64_t value) { return {std::to_string(value), true}; }

std::optional<MetadataValue> own_value(std::string_view field, const Change& change) {
  if (field == "op") return MetadataValue{std::string(1, static_cast<char>(change.operation))};
  if (field == "ts_ms") return number(change.now_nanos / 1'000'000);
  if (field == "ts_us") return number(change.now_nanos / 1000);
  return number(change.now_nanos);
}

std::optional<MetadataValue> transaction_value(std::string_view field, const Change& change) {
  if (!change.transaction) return std::nullopt;
  if (field == "id") return MetadataValue{change.transaction->id};
  return number(static_cast<std::int64_t>(
      field == "total_order" ? change.transaction->total_order : change.transaction->data_collection_order));
}

std::optional<MetadataValue> source_value(std::string_view field, const Change& change,
                                          const TableNames& names) {
  const Origin& origin = change.origin;
  if (field == "version") return MetadataValue{std::string(kVersion)};
  if (field == "connector") return MetadataValue{"postgresql"};
  if (field == "name") return MetadataValue{names.server};
  if (field == "db") return MetadataValue{names.database};
  if (field == "schema") return MetadataValue{names.schema};
  if (field == "table") return MetadataValue{names.table};
  if (field == "sequence") return MetadataValue{sequence_text(origin)};
  if (field == "ts_ms") return number(origin.commit_micros / 1000);
  if (field == "ts_us") return number(origin.commit_micros);
  if (field == "ts_ns") return number(origin.commit_micros * 1000);
  if (field == "lsn") return number(static_cast<std::int64_t>(origin.lsn.value));
  // The default of its schema stands for it in whole events alone.
  if (field == "snapshot" && origin.snapshot != "false") return MetadataValue{std::string(origin.snapshot)};
  if (field == "txId" && origin.transaction) return number(*origin.transaction);
  return std::nullopt;
}

std::string parent_of(std::string_view field) {
  if (among(kTransaction, field)) return "transaction";
  return among(kOwn, field) ? "" : "source";
}

}  // namespace

Result<std::vector<MetadataField>> parse_metadata(const std::string& list, const std::string& prefix) {
  std::vector<MetadataField> fields;
  for (const std::string& item : split_list(list, ',')) {
    const std::size_t colon = item.find(':');
    const std::string path = item.substr(0, colon);
    const std::size_t dot = path.find('.');
    MetadataField made;
    made.field = dot == std::string::npos ? path : path.substr(dot + 1);
    made.parent = dot == std::string::npos ? parent_of(path) : path.substr(0, dot);
    if (dot != std::string::npos && made.parent != "source" && made.parent != "transaction")
      return fail(ErrorKind::kConfiguration, "knows source.… and transaction.…, not \"" + item + "\"");
    made.name = prefix;
    if (colon != std::string::npos) {
      made.name += item.substr(colon + 1);
    } else {
      made.name += dot == std::string::npos ? made.field : made.parent + "_" + made.field;
    }
    const bool in_parent =
        made.parent == "source" ? among(kSource, made.field) : among(kTransaction, made.field);
    if (!made.parent.empty() && !in_parent && among(kOwn, made.field)) made.parent.clear();
    fields.push_back(std::move(made));
  }
  return fields;
}

bool is_known(const MetadataField& field) {
  if (field.parent.empty()) return among(kOwn, field.field);
  return field.parent == "source" ? among(kSource, field.field) : among(kTransaction, field.field);
}

ConnectSchema schema_of(const MetadataField& field) {
  if (field.field == "snapshot") {
    ConnectSchema schema = snapshot_schema();
    schema.default_value.clear();
    return schema;
  }
  return primitive(among(kNumbers, field.field) ? "int64" : "string", true);
}

std::optional<MetadataValue> value_of(const MetadataField& field, const Change& change,
                                      const TableNames& names) {
  if (field.parent.empty()) return own_value(field.field, change);
  return field.parent == "source" ? source_value(field.field, change, names)
                                  : transaction_value(field.field, change);
}

}  // namespace penstock::envelope
