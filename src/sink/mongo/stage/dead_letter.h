// A row that could not become a document, as it is parked:
//   {_id: {pipeline, table, key, commit_lsn, ordinal}, collection, document_id, columns, reason, error,
//   remedy,
//    kind, at, row}
// `key` has the values of `columns`, as PostgreSQL prints them; no `columns`: a document of many rows, or a
// key that cannot be read back. No `document_id`: the key makes none. Position 0: the row was read from its
// table. Values of `row` are texts, shortened so that the letter always fits.
#pragma once

#include <string>

#include "base/error.h"
#include "model/document_write.h"
#include "sink/mongo/stage/staged_group.h"

namespace penstock::mongo {

// Appends reason, error, remedy, kind and at.
void put_reason(Bson& document, const Error& error);

// Of what read models keep, which is no document of a user's and is never parked: without it documents would
// go on showing what was kept before. `row`: what it is, of which collection.
Error refused_to_keep(const std::string& row, const Error& error);

// From a write that could not be encoded.
DeadLetter dead_letter_of(const std::string& pipeline, const DocumentWrite& write, const Error& error);
// From an encoded write that the server refused; `body` may be null.
DeadLetter dead_letter_of(const std::string& pipeline, const DocumentShape& shape, const Run& run,
                          const Item& item, const Error& error);

}  // namespace penstock::mongo
