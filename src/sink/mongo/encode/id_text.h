// A stored `_id` back to the key it was made from, for the sweep that asks PostgreSQL which documents still
// have a row.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "model/checkpoint.h"
#include "model/document_write.h"

namespace penstock::mongo {

// `document` is a BSON document of `size` bytes that has `_id`, as read from MongoDB. The result has one text
// per shape.id_columns; PostgreSQL parses each to a value equal to the one that encode_id() was given.
// kBadValue when the
// `_id` is not of the collection's form (a document that another program wrote).
Result<KeyText> id_to_text(const DocumentShape& shape, const std::uint8_t* document, std::size_t size);

}  // namespace penstock::mongo
