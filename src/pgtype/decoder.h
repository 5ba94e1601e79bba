// PostgreSQL text to Value. Decoders are resolved once per relation and column, never per value.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/arena.h"
#include "model/value.h"

namespace penstock::pgtype {

// A row of pg_type as far as decoding needs it (PostgreSQL manual: "pg_type").
struct TypeInfo {
  std::uint32_t oid = 0;
  std::string name;     // typname
  std::string schema;   // nspname
  char kind = 'b';      // typtype: b base, c composite, d domain, e enum, r range, m multirange, p pseudo
  char category = 'U';  // typcategory; 'A' marks arrays
  std::uint32_t element =
      0;  // array: element type. domain: base type. range: subtype. multirange: its range type.
  char delimiter = ',';  // typdelim of the element type
  struct Attribute {
    std::string name;
    std::uint32_t type = 0;
  };
  std::vector<Attribute> attributes;  // composite, live attributes in order
};

// Types met so far. Not thread-safe: one per connection.
class TypeCatalog {
 public:
  // Reads one type from the server; an error or nothing found is passed on.
  using Fetch = std::function<Result<TypeInfo>(std::uint32_t oid)>;
  explicit TypeCatalog(Fetch fetch) : fetch_(std::move(fetch)) {}
  Result<const TypeInfo*> find(std::uint32_t oid);  // built-in types are known without asking
  void forget() { types_.clear(); }                 // after DDL: user-defined types are read again

 private:
  Fetch fetch_;
  std::unordered_map<std::uint32_t, TypeInfo> types_;
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  // `text` is the output of the type's output function, outlives the result (it lies in `arena` or longer)
  // and may be borrowed by it. kBadValue, without the table and column (the caller adds them), when it cannot
  // be that type's text. Any thread.
  virtual Result<Value> decode(std::string_view text, Arena& arena) const = 0;
};

// The decoder for a type; decoders of built-in scalar types are shared.
Result<std::shared_ptr<const Decoder>> decoder_for(std::uint32_t type_oid, TypeCatalog& catalog);

// The type that expressions see (model/table_schema.h, Column::base_type_oid).
Result<std::uint32_t> base_type(std::uint32_t type_oid, TypeCatalog& catalog);

// The SQL that Fetch is expected to run with $1 = oid: one row, columns in the order of TypeInfo up to
// delimiter, then attribute names and attribute type OIDs as text arrays.
const char* fetch_type_sql();
// Builds TypeInfo from that row's text columns (null pointers for SQL NULL).
Result<TypeInfo> type_info_from_row(const std::vector<const char*>& columns);

}  // namespace penstock::pgtype
