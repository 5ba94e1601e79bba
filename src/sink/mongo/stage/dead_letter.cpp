#include "sink/mongo/stage/dead_letter.h"

#include <bson/bson.h>

#include "base/error_policy.h"
#include "sink/mongo/encode/document_encoder.h"
#include "sink/mongo/encode/id_text.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/stage/row_key.h"
#include "sink/mongo/state/records.h"

namespace penstock::mongo {
namespace {

constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxRow = std::size_t{8} * 1024 * 1024;

std::string shortened(std::string text) {
  if (text.size() <= kMaxText) return text;
  std::size_t end = kMaxText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // not inside a character
  const std::size_t size = text.size();
  text.resize(end);
  return text + "... (" + std::to_string(size) + " bytes)";
}

KeyText id_text(const DocumentShape& shape, const Value* id) {
  KeyText key;
  for (std::size_t i = 0; id != nullptr && i < shape.id.size(); ++i) {
    key.push_back(to_text(id[i]));
  }
  return key;
}

// What names the row and its document.
struct Identity {
  std::vector<std::string> columns;  // empty: the row cannot be asked for
  KeyText key;
  Lsn commit_lsn;
  std::uint64_t ordinal = 0;
  Bson document;  // {_id: …}, or empty
};

DeadLetter letter(const std::string& pipeline, const DocumentShape& shape, const Identity& of,
                  const Error& error, const Bson& row) {
  DeadLetter result;
  result.collection = dead_letter_collection(shape.name());
  Bson id;
  id.put_text("pipeline", pipeline).put_text("table", shape.table).put_texts("key", of.key);
  id.put_unsigned("commit_lsn", of.commit_lsn.value).put_unsigned("ordinal", of.ordinal);
  result.document.put("_id", id);
  result.document.put_text("collection", shape.name());
  if (has(of.document.get(), "_id")) result.document.put_copy("document_id", of.document.get(), "_id");
  if (!of.columns.empty()) result.document.put_texts("columns", of.columns);
  put_reason(result.document, error);
  result.document.put("row", row);
  if (!of.columns.empty()) result.row = reread_handle(shape.table, of.key);
  return result;
}

std::string text_of(const bson_iter_t& field) {
  Bson one;
  bson_append_iter(one.get(), "", 0, &field);
  if (BSON_ITER_HOLDS_UTF8(&field)) return text_at(one.get(), "").value_or("");
  const std::string json = one.json();  // { "" : … }
  const std::size_t begin = json.find(':');
  const std::size_t end = json.rfind('}');
  return begin == std::string::npos || end < begin + 3 ? json : json.substr(begin + 2, end - begin - 3);
}

void put_fields(Bson& row, const std::uint8_t* bytes, std::size_t size) {
  bson_t view;
  bson_iter_t field;
  if (size == 0 || !bson_init_static(&view, bytes, size) || !bson_iter_init(&field, &view)) return;
  while (bson_iter_next(&field) && row.size() < kMaxRow) {
    row.put_text(bson_iter_key(&field), shortened(text_of(field)));
  }
}

KeyText encoded_key(const Run& run, const Item& item) {
  KeyText key;
  bson_t view;
  bson_iter_t id;
  if (!bson_init_static(&view, run.id(item), item.id_bytes) || !bson_iter_init_find(&id, &view, "_id"))
    return key;
  bson_iter_t part;
  if (!BSON_ITER_HOLDS_DOCUMENT(&id) || !bson_iter_recurse(&id, &part)) {
    key.push_back(text_of(id));
    return key;
  }
  while (bson_iter_next(&part)) key.push_back(text_of(part));
  return key;
}

}  // namespace

void put_reason(Bson& document, const Error& error) {
  document.put_text("reason", shortened(error.text()));
  document.put_text("error", shortened(error.message)).put_text("remedy", shortened(error.remedy));
  document.put_text("kind", policy_of(error.kind).name);
  document.put_now("at");
}

Error refused_to_keep(const std::string& row, const Error& error) {
  return make_error(
      error.kind, row + ": MongoDB does not take what the read models keep of it. " + error.message,
      "leave large columns out of the read models (fields:), and remove validation rules and "
      "indexes of your own from the penstock_… collections; `errors: dead_letter` does not park "
      "it, since documents would go on showing what was kept before");
}

DeadLetter dead_letter_of(const std::string& pipeline, const DocumentWrite& write, const Error& error) {
  const bool has_row = write.schema != nullptr && write.row != nullptr;
  Identity of;
  of.commit_lsn = write.position.commit_lsn;
  of.ordinal = write.position.ordinal;
  of.columns = has_row ? key_columns(*write.schema) : write.shape->id_columns;
  of.key = has_row ? key_text(*write.schema, write.row) : id_text(*write.shape, write.id);
  if (write.id != nullptr) {
    EncodeCounts counts;
    const auto id = encode_id(*write.shape, write.id, counts);
    if (id) of.document = Bson::copy(reinterpret_cast<const std::uint8_t*>(id->bson.data()), id->bson.size());
  }
  Bson row;
  const std::size_t columns = has_row ? write.schema->columns.size() : 0;
  for (std::size_t i = 0; i < columns && row.size() < kMaxRow; ++i) {
    const Value& value = write.row[i];
    const std::string& name = write.schema->columns[i].name;
    if (value.is_null()) row.put_null(name);
    if (!value.is_null() && !value.is_unchanged()) row.put_text(name, shortened(to_text(value)));
  }
  return letter(pipeline, *write.shape, of, error, row);
}

DeadLetter dead_letter_of(const std::string& pipeline, const DocumentShape& shape, const Run& run,
                          const Item& item, const Error& error) {
  Identity of;
  of.commit_lsn = item.commit_lsn;
  of.ordinal = item.ordinal;
  of.document = Bson::copy(run.id(item), item.id_bytes);
  Result<KeyText> key = id_to_text(shape, run.id(item), item.id_bytes);
  const bool of_one_row = key && !shape.id_columns.empty();  // not a summary's
  if (of_one_row) of.columns = shape.id_columns;
  of.key = of_one_row ? std::move(*key) : encoded_key(run, item);
  Bson row;
  if (item.body_bytes > 0) {
    put_fields(row, run.body(item), item.body_bytes);
  } else {
    put_fields(row, run.id(item), item.id_bytes);
  }
  return letter(pipeline, shape, of, error, row);
}

}  // namespace penstock::mongo
