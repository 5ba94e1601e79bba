#include "sink/mongo/compare/stored_document.h"

#include <bson/bson.h>

#include "sink/mongo/encode/document_encoder.h"
#include "sink/mongo/encode/id_text.h"
#include "sink/mongo/state/records.h"

namespace penstock::mongo {
namespace {

// `_id` alone, as relaxed extended JSON.
std::string id_json(const bson_t& document) {
  bson_iter_t id;
  bson_t only = BSON_INITIALIZER;
  if (bson_iter_init_find(&id, &document, "_id")) bson_append_iter(&only, "_id", 3, &id);
  char* json = bson_as_relaxed_extended_json(&only, nullptr);
  std::string text = json != nullptr ? json : "";
  bson_free(json);
  bson_destroy(&only);
  constexpr std::string_view kBefore = "{ \"_id\" : ";
  constexpr std::string_view kAfter = " }";
  if (text.size() < kBefore.size() + kAfter.size()) return "(unreadable)";
  return text.substr(kBefore.size(), text.size() - kBefore.size() - kAfter.size());
}

std::optional<Reread> repair_of(const DocumentShape& shape, const bson_t& document, Lsn since) {
  if (shape.id_columns.empty()) return std::nullopt;
  auto key = id_to_text(shape, bson_get_data(&document), document.len);
  if (!key) return std::nullopt;
  Reread reread;
  reread.table = shape.table;
  reread.columns = shape.id_columns;
  reread.key = std::move(*key);
  reread.since = since;
  reread.id = reread_handle(reread.table, reread.key);
  return reread;
}

}  // namespace

std::string_view metadata_name(const DocumentShape& shape, int field) {
  return field < 0 ? std::string_view() : shape.fields[static_cast<std::size_t>(field)].name;
}

bool is_marked(const DocumentShape& shape, const _bson_t& document) {
  if (!shape.soft_deletes || shape.change_field < 0) return false;
  bson_iter_t change;
  const std::string name(metadata_name(shape, shape.change_field));
  if (!bson_iter_init_find(&change, &document, name.c_str()) || !BSON_ITER_HOLDS_UTF8(&change)) return false;
  return kDeletedMark == bson_iter_utf8(&change, nullptr);
}

Difference difference_of(const DocumentShape& shape, const _bson_t& document, DifferenceKind kind,
                         Lsn since) {
  Difference difference;
  difference.collection = shape.collection;
  difference.id = id_json(document);
  difference.key = key_of_id(document);
  difference.kind = kind;
  difference.repair = repair_of(shape, document, since);
  return difference;
}

}  // namespace penstock::mongo
