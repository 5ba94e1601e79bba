#include "source/postgres/text_rows.h"

#include <algorithm>
#include <array>
#include <utility>

namespace penstock::postgres {
namespace {

// int2, int4, int8, oid, float4, float8, numeric, text, varchar, bytea, date, timestamp, timestamptz, uuid,
// json, jsonb: there a cast to text prints what the output function prints (PostgreSQL manual: "CREATE CAST",
// I/O conversion casts).
constexpr std::array<std::uint32_t, 16> kCastable{21,   23, 20,   26,   700,  701,  1700, 25,
                                                  1043, 17, 1082, 1114, 1184, 2950, 114,  3802};

constexpr std::size_t kShownKey = 200;

}  // namespace

Result<std::vector<std::shared_ptr<const pgtype::Decoder>>> decoders_of(Connection& connection,
                                                                        const TableSchema& schema) {
  std::vector<std::shared_ptr<const pgtype::Decoder>> decoders;
  pgtype::TypeCatalog types = type_catalog(connection);
  for (const Column& column : schema.columns) {
    auto decoder = pgtype::decoder_for(column.type_oid, types);
    if (!decoder) {
      Error error = std::move(decoder).error();
      error.message = to_string(schema.table) + "." + column.name + ": " + error.message;
      return fail(std::move(error));
    }
    decoders.push_back(std::move(*decoder));
  }
  return decoders;
}

std::string text_of(const Column& column) {
  const std::string name = quote_identifier(column.name);
  if (std::find(kCastable.begin(), kCastable.end(), column.type_oid) != kCastable.end())
    return name + "::pg_catalog.text";
  // IS NULL would be true of a row of NULLs, too.
  return "CASE WHEN " + name + " IS DISTINCT FROM NULL THEN pg_catalog.format('%s', " + name + ") END";
}

Result<TextRows> TextRows::make(Connection& connection, const TableDescription& table) {
  TextRows rows(table.schema);
  PENSTOCK_ASSIGN(rows.decoders_, decoders_of(connection, *table.schema));
  return rows;
}

// " (order_id 7)": as documents' errors name a row.
std::string TextRows::key_of(const std::optional<std::string_view>* row) const {
  std::string parts;
  for (const std::uint16_t column : schema_->key) {
    const std::string_view value = row[column].value_or("NULL");
    if (value.size() > kShownKey) return {};
    parts += (parts.empty() ? "" : ", ") + schema_->columns[column].name + " " + std::string(value);
  }
  return parts.empty() ? parts : " (" + parts + ")";
}

Status TextRows::add(const std::optional<std::string_view>* row, std::int64_t micros,
                     EventBatch& batch) const {
  if (batch.schemas.empty()) batch.schemas.push_back(schema_);
  auto* values = batch.arena.array<Value>(schema_->columns.size());
  for (std::size_t i = 0; i < schema_->columns.size(); ++i) {
    if (!row[i]) continue;
    auto value = decoders_[i]->decode(*row[i], batch.arena);
    if (!value) {
      Error error = std::move(value).error();
      error.message = to_string(schema_->table) + "." + schema_->columns[i].name + " (" +
                      schema_->columns[i].type_name + ") of the row" + key_of(row) +
                      ", while loading the table: " + error.message;
      return fail(std::move(error));
    }
    values[i] = *value;
  }
  Event& event = batch.events.emplace_back();
  event.kind = EventKind::kLoad;
  event.schema = schema_.get();
  event.after = values;
  event.commit_micros = micros;
  return {};
}

}  // namespace penstock::postgres
