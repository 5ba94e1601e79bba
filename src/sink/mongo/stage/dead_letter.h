// A row that could not become a document, as it is parked: {_id: {pipeline, table, key, commit_lsn, ordinal},
// reason, kind, at, row}. Values of `row` are texts, shortened so that the letter always fits.
#pragma once

#include <string>

#include "base/error.h"
#include "model/document_write.h"
#include "sink/mongo/stage/staged_group.h"

namespace penstock::mongo {

// Appends reason, error, remedy, kind and at.
void put_reason(Bson& document, const Error& error);

// From a write that could not be encoded.
DeadLetter dead_letter_of(const std::string& pipeline, const DocumentWrite& write, const Error& error);
// From an encoded write that the server refused; `body` may be null.
DeadLetter dead_letter_of(const std::string& pipeline, const DocumentShape& shape, const Run& run,
                          const Item& item, const Error& error);

}  // namespace penstock::mongo
