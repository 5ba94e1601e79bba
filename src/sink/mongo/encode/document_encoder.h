// Values to BSON: `_id`, whole documents and patches. Pure functions, any thread, no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/document_write.h"

struct _bson_t;  // libbson's bson_t

namespace penstock::mongo {

inline constexpr std::size_t kMaxDocumentBytes =
    std::size_t{16} * 1024 * 1024;  // MongoDB's limit of one document
inline constexpr int kMaxNesting =
    179;  // sub-documents and arrays inside one field; MongoDB takes 180 with the document

// Counted while encoding; the sink adds them up for its metrics.
struct EncodeCounts {
  std::uint64_t numerics_as_text = 0;  // numerics that no Decimal128 holds exactly, written as strings
};

// The `_id` of one document.
struct EncodedId {
  // The BSON document {"_id": value}: a filter as it is, and the beginning of the document.
  std::string bson;
  // Equal for two ids exactly when MongoDB holds them for the same document: numeric 1.0 and 1.00 have equal
  // keys (and different bytes). Comparable within one collection only.
  std::string key;
};

// `id` has shape.id.size() values. kBadValue when one cannot be (part of) an `_id`: NULL, unchanged, not
// convertible, or not without loss. Timestamps finer than milliseconds and arrays are strings here
// (docs/types.md, "Keys").
Result<EncodedId> encode_id(const DocumentShape& shape, const Value* id, EncodeCounts& counts);

// EncodedId::key of a document's `_id`, as read from MongoDB. Empty when it has none.
std::string key_of_id(const _bson_t& document);

// Appends one field under its own name; Unchanged appends nothing. kBadValue names the field's source, the
// beginning of the value and the type asked for; kRejectedDocument: nested deeper than kMaxNesting.
Status append_field(_bson_t& document, const FieldShape& field, const Value& value, EncodeCounts& counts);

// Fills `document` (initialised and empty) with `_id` and all fields. Unchanged fields are left out and their
// indexes appended to `unchanged` when it is given (kCarry); without it they are kInternal. kRejectedDocument
// when it is larger than kMaxDocumentBytes, naming table and key.
Status encode_document(const DocumentShape& shape, const EncodedId& id, const Value* fields,
                       _bson_t& document, EncodeCounts& counts,
                       std::vector<std::uint16_t>* unchanged = nullptr);

// MongoDB refuses a replacement document with a name that begins with '$' at its top level: an
// insert takes it, so such a document is deleted and inserted in the group's transaction.
bool replace_is_refused(const DocumentShape& shape);

// What a patch sets. A name with '.', a leading '$' or no characters cannot go through `$set`: such fields
// are written by an update pipeline with `$setField`, in which values must be wrapped in `$literal`.
struct EncodedPatch {
  std::string bson;  // the document {name: value, ...} of all fields that are not Unchanged, in order
  std::vector<std::uint16_t> literal;  // indexes (into shape.fields) of those whose name `$set` would misread
  bool empty = true;                   // nothing to set
};
Result<EncodedPatch> encode_patch(const DocumentShape& shape, const EncodedId& id, const Value* fields,
                                  EncodeCounts& counts);

// Whether `$set: {name: …}` would not mean the field of that name.
bool needs_set_field(std::string_view name);

// "public.orders (order_id 7)": how errors and dead letters name a row. Values are shortened.
std::string describe_row(const DocumentShape& shape, const Value* id);
// Likewise from the encoded `_id`, as relaxed extended JSON: `public.orders {"_id": 7}`.
std::string describe_id(const DocumentShape& shape, const EncodedId& id);

// kRejectedDocument when `bytes` is more than MongoDB takes.
Status check_document_size(const DocumentShape& shape, const EncodedId& id, std::size_t bytes);

}  // namespace penstock::mongo
