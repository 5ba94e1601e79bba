#include <charconv>
#include <string>

#include "pgtype/builtin_types.h"
#include "pgtype/decoder.h"
#include "pgtype/decoders.h"

namespace penstock::pgtype {
namespace {

constexpr std::size_t kFetchedColumns = 9;

bool parse_oid(std::string_view text, std::uint32_t& oid) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), oid);
  return error == std::errc() && end == text.data() + text.size();
}

// The attributes from two text arrays of equal length.
Status read_attributes(std::string_view names, std::string_view types, TypeInfo& type) {
  Arena arena;
  const auto decoder = make_array(text_decoder(), ',');
  PENSTOCK_ASSIGN(const Value name_array, decoder->decode(names, arena));
  PENSTOCK_ASSIGN(const Value type_array, decoder->decode(types, arena));
  const auto& name_items = *name_array.get<Array>();
  const auto& type_items = *type_array.get<Array>();
  if (name_items.size != type_items.size)
    return fail(ErrorKind::kInternal, "attribute names and types differ in number");
  for (std::uint32_t i = 0; i < name_items.size; ++i) {
    const auto* name = name_items.items[i].get<Text>();
    const auto* oid = type_items.items[i].get<Text>();
    TypeInfo::Attribute attribute;
    if (name == nullptr || oid == nullptr || !parse_oid(oid->text, attribute.type)) {
      return fail(ErrorKind::kInternal, "an attribute of type " + type.name + " has no name or type");
    }
    attribute.name = name->text;
    type.attributes.push_back(std::move(attribute));
  }
  return {};
}

}  // namespace

Result<const TypeInfo*> TypeCatalog::find(std::uint32_t oid) {
  if (const auto known = types_.find(oid); known != types_.end()) return &known->second;
  if (auto builtin = builtin_type(oid)) return &types_.emplace(oid, std::move(*builtin)).first->second;
  PENSTOCK_ASSIGN(TypeInfo fetched, fetch_(oid));
  return &types_.emplace(oid, std::move(fetched)).first->second;
}

// An array type is what array_subscript_handler serves and has no length of its own: name and point have
// elements too.
const char* fetch_type_sql() {
  return "SELECT t.oid, t.typname, n.nspname, t.typtype,"
         " CASE WHEN a.is_array THEN 'A' WHEN t.typcategory = 'A' THEN 'U' ELSE t.typcategory END,"
         " CASE WHEN t.typtype = 'd' THEN t.typbasetype"
         " WHEN t.typtype = 'r' THEN (SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = "
         "t.oid)"
         " WHEN t.typtype = 'm' THEN (SELECT r.rngtypid FROM pg_catalog.pg_range r WHERE r.rngmultitypid = "
         "t.oid)"
         " WHEN a.is_array THEN t.typelem ELSE 0::pg_catalog.oid END,"
         " coalesce((SELECT e.typdelim FROM pg_catalog.pg_type e WHERE e.oid = t.typelem), t.typdelim),"
         " c.names, c.types"
         " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
         " CROSS JOIN LATERAL (SELECT t.typelem <> 0 AND t.typlen = -1 AND t.typsubscript ="
         " 'pg_catalog.array_subscript_handler'::pg_catalog.regproc AS is_array) a"
         " LEFT JOIN LATERAL (SELECT pg_catalog.array_agg(x.attname::pg_catalog.text ORDER BY x.attnum) AS "
         "names,"
         " pg_catalog.array_agg(x.atttypid::pg_catalog.text ORDER BY x.attnum) AS types"
         " FROM pg_catalog.pg_attribute x"
         " WHERE x.attrelid = t.typrelid AND x.attnum > 0 AND NOT x.attisdropped) c ON t.typtype = 'c'"
         " WHERE t.oid = $1";
}

Result<TypeInfo> type_info_from_row(const std::vector<const char*>& columns) {
  if (columns.size() != kFetchedColumns)
    return fail(ErrorKind::kInternal, "a row of pg_type has nine columns");
  for (std::size_t i = 0; i < 7; ++i) {
    if (columns[i] == nullptr || *columns[i] == '\0') {
      return fail(ErrorKind::kInternal, "column " + std::to_string(i + 1) + " of a row of pg_type is empty");
    }
  }
  TypeInfo type;
  if (!parse_oid(columns[0], type.oid) || !parse_oid(columns[5], type.element)) {
    return fail(ErrorKind::kInternal, std::string("no OID: ") + columns[0] + ", " + columns[5]);
  }
  type.name = columns[1];
  type.schema = columns[2];
  type.kind = columns[3][0];
  type.category = columns[4][0];
  type.delimiter = columns[6][0];
  if (columns[7] == nullptr || columns[8] == nullptr) return type;
  PENSTOCK_TRY(read_attributes(columns[7], columns[8], type));
  return type;
}

}  // namespace penstock::pgtype
