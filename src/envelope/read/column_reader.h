// One column's values from Debezium's JSON: the way back from ValueWriter.
#pragma once

#include <simdjson.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "envelope/column_form.h"
#include "envelope/read/placeholder.h"
#include "model/arena.h"
#include "model/table_schema.h"
#include "model/value.h"
#include "pgtype/decoder.h"

namespace penstock::envelope {

// The shape of a column's values in the records, and the type they are to have again.
struct ColumnPlan {
  std::string what;        // "price numeric(10,2)", for messages
  std::uint32_t type = 0;  // its OID; of an array that of the elements' type
  std::int32_t modifier = -1;
  ColumnForm form;
  bool opaque = false;  // PostgreSQL's text as bytes (include.unknown.datatypes)
  // Of the value's text (kText, opaque); of an array, unless opaque, of its elements' text.
  std::shared_ptr<const pgtype::Decoder> decoder = {};
};

// How the values of a column are written with these options, types by OID as Column::base_type_oid has them.
// `decoder` makes decoders of types that are not built in; none, or an error: they are text.
using DecoderSource = std::function<Result<std::shared_ptr<const pgtype::Decoder>>(std::uint32_t type_oid)>;
ColumnPlan plan_of(const Column& column, const Options& options, const DecoderSource& decoder);
// The same for values that have this form, whatever the options say.
ColumnPlan plan_of(const Column& column, const ColumnForm& form, const DecoderSource& decoder);

// What a reader writes into. One thread.
struct ReadInto {
  Arena& arena;
  std::string& scratch;  // overwritten
};

// Thread-compatible.
class ColumnReader {
 public:
  ColumnReader(ColumnPlan plan, BinaryMode binary, std::shared_ptr<const Placeholder> placeholder)
      : plan_(std::move(plan)), binary_(binary), placeholder_(std::move(placeholder)) {}

  // The value as src/pgtype makes it from PostgreSQL's text; Unchanged for the placeholder. kBadValue with
  // the column, its type and a cut of what the record has.
  Result<Value> read(const simdjson::dom::element& json, ReadInto into) const;

 private:
  using Element = simdjson::dom::element;
  // Nothing: no value of the column's type.
  std::optional<Value> read_one(const Element& json, ReadInto into) const;
  std::optional<Value> read_list(const Element& json, ReadInto into, int depth) const;
  std::optional<Value> read_bool(const Element& json) const;
  std::optional<Value> read_integer(const Element& json) const;
  std::optional<Value> read_text(const Element& json, ReadInto into) const;
  std::optional<Value> read_decimal(const Element& json, ReadInto into) const;
  std::optional<Value> read_money(const Element& json, ReadInto into) const;
  std::optional<Value> read_bytes(const Element& json, ReadInto into) const;
  std::optional<Value> read_moment(const Element& json, ReadInto into) const;
  std::optional<Value> read_opaque(const Element& json, ReadInto into) const;
  tl::unexpected<Error> refuse(const Element& json) const;

  ColumnPlan plan_;
  BinaryMode binary_;
  std::shared_ptr<const Placeholder> placeholder_;
};

// For messages: JSON as text, cut after 80 bytes.
std::string shown(const simdjson::dom::element& json);

}  // namespace penstock::envelope
