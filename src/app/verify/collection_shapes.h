// What is known of a collection's documents before any is made.
#pragma once

#include "app/settings.h"
#include "base/result.h"
#include "model/document_write.h"
#include "model/table_schema.h"

namespace penstock::app {

// Name, `_id`, metadata and soft deletes; no other fields. Without `id` for a summary, whose `_id` no row's
// key gives.
Result<DocumentShape> outline(const CollectionSpec& spec, const TableSchema& schema);

}  // namespace penstock::app
