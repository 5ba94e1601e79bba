// A document under a new key, with fields that PostgreSQL did not send taken over from the document under the
// old key.
#pragma once

#include <optional>

#include "sink/mongo/bson.h"
#include "sink/mongo/stage/staged_group.h"

namespace penstock::mongo {

// Fields come in the order of `shape`. Nothing when `old` lacks one of the fields: then only PostgreSQL has
// it.
std::optional<Bson> carried_document(const DocumentShape& shape, const Run& run, const Item& item,
                                     const Carry& carry, const Bson& old);

}  // namespace penstock::mongo
