#include "sink/mongo/letters/letter_fields.h"

#include <bson/bson.h>
#include <openssl/evp.h>

#include "sink/mongo/compare/digest.h"

namespace penstock::mongo {
namespace {

constexpr std::size_t kIdDigits = 16;
constexpr std::uint64_t kBeforeTheStream = 1;  // the position of a read model's documents in the first load

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // and the NUL that is written, too
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<ShownBytes> bytes_at(const _bson_t* document, const char* path, const char* size_path) {
  const auto bytes = binary_at(document, path);
  if (!bytes) return std::nullopt;
  ShownBytes shown = shown_bytes(*bytes);
  if (const auto size = long_at(document, size_path)) shown.size = static_cast<std::uint64_t>(*size);
  return shown;
}

// Earlier versions stored "message\n  -> remedy" alone.
std::string error_at(const _bson_t* document, const char* error, const char* reason) {
  if (auto text = text_at(document, error)) return *text;
  const std::string whole = text_at(document, reason).value_or("");
  return whole.substr(0, whole.find("\n  -> "));
}

std::string id_of(const std::string& box, const std::string& stored_id) {
  return to_string(Hasher().of(box + '\0' + stored_id)).substr(0, kIdDigits);
}

}  // namespace

ShownBytes shown_bytes(std::string_view bytes) {
  ShownBytes shown;
  shown.size = bytes.size();
  shown.text = bson_utf8_validate(bytes.data(), bytes.size(), false);
  shown.shown = shown.text ? std::string(bytes) : base64(bytes);
  return shown;
}

Letter letter_from(const std::string& box, const Bson& document) {
  const _bson_t* from = document.get();
  Letter letter;
  letter.box = box;
  letter.stored_id = Bson().put_copy("_id", from, "_id").bytes();
  letter.id = id_of(box, letter.stored_id);
  letter.collection = text_at(from, "collection").value_or("");
  letter.columns = texts_at(from, "columns").value_or(std::vector<std::string>{});
  const std::uint64_t lsn = unsigned_at(from, "_id.commit_lsn");
  if (lsn > kBeforeTheStream) letter.commit_lsn = Lsn{lsn};
  letter.ordinal = unsigned_at(from, "_id.ordinal");
  if (const auto topic = text_at(from, "_id.topic")) {
    letter.record = {*topic, long_at(from, "_id.partition").value_or(0),
                     long_at(from, "_id.offset").value_or(0)};
    letter.table = text_at(from, "table").value_or("");
    letter.key = texts_at(from, "key").value_or(KeyText{});
  } else {
    letter.table = text_at(from, "_id.table").value_or("");
    letter.key = texts_at(from, "_id.key").value_or(KeyText{});
  }
  letter.at_millis = date_at(from, "at").value_or(0);
  letter.kind = text_at(from, "kind").value_or("");
  letter.error = error_at(from, "error", "reason");
  letter.remedy = text_at(from, "remedy").value_or("");
  letter.waiting = has(from, "retry");
  if (has(from, "document_id")) {
    Bson id;
    bson_iter_t field;
    if (bson_iter_init_find(&field, from, "document_id")) bson_append_iter(id.get(), "_id", -1, &field);
    letter.document_id = id.bytes();
  }
  return letter;
}

LetterContents contents_from(const Bson& document) {
  const _bson_t* from = document.get();
  LetterContents contents;
  contents.key = bytes_at(from, "record.key", "record.key_bytes");
  contents.value = bytes_at(from, "record.value", "record.value_bytes");
  for (const Bson& header : documents_at(from, "record.headers"))
    contents.headers.push_back(
        {text_at(header.get(), "name").value_or(""), bytes_at(header.get(), "value", "value_bytes")});
  contents.timestamp_millis = date_at(from, "record.timestamp");
  if (const auto row = document_at(from, "row")) contents.row_json = row->json();
  return contents;
}

LetterCount count_from(const Bson& group) {
  LetterCount count;
  count.collection = text_at(group.get(), "_id.collection").value_or("");
  count.kind = text_at(group.get(), "_id.kind").value_or("");
  count.remedy = text_at(group.get(), "_id.remedy").value_or("");
  count.example = error_at(group.get(), "example", "reason");
  count.letters = unsigned_at(group.get(), "letters");
  return count;
}

}  // namespace penstock::mongo
