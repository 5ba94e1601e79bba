// What a stored document says of itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/document_write.h"
#include "sink/mongo/compare/comparison_result.h"

struct _bson_t;  // libbson's bson_t

namespace penstock::mongo {

inline constexpr std::string_view kDeletedMark = "deleted";  // what a soft delete sets the change field to

// The name of shape.change_field or shape.time_field; empty when there is none.
std::string_view metadata_name(const DocumentShape& shape, int field);
// Whether a soft delete left it behind.
bool is_marked(const DocumentShape& shape, const _bson_t& document);
// Whether deleted documents stay and nothing tells them from the others.
inline bool keeps_unmarked(const DocumentShape& shape) {
  return shape.soft_deletes && shape.change_field < 0;
}

// Of a document that has `_id`. `since`: see Reread.
Difference difference_of(const DocumentShape& shape, const _bson_t& document, DifferenceKind kind, Lsn since);

}  // namespace penstock::mongo
