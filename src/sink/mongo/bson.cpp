#include "sink/mongo/bson.h"

#include <bson/bson.h>

#include <chrono>

#include "base/check.h"

namespace penstock::mongo {
namespace {

int length(std::string_view name) { return static_cast<int>(name.size()); }

bool find(const bson_t* document, const char* path, bson_iter_t& found) {
  bson_iter_t all;
  return bson_iter_init(&all, document) && bson_iter_find_descendant(&all, path, &found);
}

}  // namespace

void Bson::Delete::operator()(_bson_t* document) const { bson_destroy(document); }

Bson::Bson() : document_(bson_new()) {}

Bson Bson::copy(const std::uint8_t* bytes, std::size_t size) {
  bson_t* made = bson_new_from_data(bytes, size);
  PENSTOCK_CHECK(made != nullptr);
  return Bson(made);
}

Bson Bson::copy(const _bson_t* document) { return Bson(bson_copy(document)); }

Bson& Bson::put_long(std::string_view name, std::int64_t value) {
  PENSTOCK_CHECK(bson_append_int64(get(), name.data(), length(name), value));
  return *this;
}

Bson& Bson::put_unsigned(std::string_view name, std::uint64_t value) {
  PENSTOCK_CHECK(value <= static_cast<std::uint64_t>(INT64_MAX));
  return put_long(name, static_cast<std::int64_t>(value));
}

Bson& Bson::put_int(std::string_view name, std::int32_t value) {
  PENSTOCK_CHECK(bson_append_int32(get(), name.data(), length(name), value));
  return *this;
}

Bson& Bson::put_bool(std::string_view name, bool value) {
  PENSTOCK_CHECK(bson_append_bool(get(), name.data(), length(name), value));
  return *this;
}

Bson& Bson::put_text(std::string_view name, std::string_view value) {
  std::string mended;
  if (!bson_utf8_validate(value.data(), value.size(), true)) {
    mended.assign(value);
    for (char& c : mended) {
      if ((static_cast<unsigned char>(c) & 0x80U) != 0) c = '?';
    }
    value = mended;
  }
  PENSTOCK_CHECK(
      bson_append_utf8(get(), name.data(), length(name), value.data(), static_cast<int>(value.size())));
  return *this;
}

Bson& Bson::put_null(std::string_view name) {
  PENSTOCK_CHECK(bson_append_null(get(), name.data(), length(name)));
  return *this;
}

Bson& Bson::put_now(std::string_view name) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return put_date(name, std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

Bson& Bson::put_date(std::string_view name, std::int64_t millis) {
  PENSTOCK_CHECK(bson_append_date_time(get(), name.data(), length(name), millis));
  return *this;
}

Bson& Bson::put_uuid(std::string_view name, std::string_view sixteen_bytes) {
  PENSTOCK_CHECK(sixteen_bytes.size() == 16);
  PENSTOCK_CHECK(bson_append_binary(get(), name.data(), length(name), BSON_SUBTYPE_UUID,
                                    reinterpret_cast<const std::uint8_t*>(sixteen_bytes.data()), 16));
  return *this;
}

Bson& Bson::put_binary(std::string_view name, std::string_view bytes) {
  PENSTOCK_CHECK(bson_append_binary(get(), name.data(), length(name), BSON_SUBTYPE_BINARY,
                                    reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                    static_cast<std::uint32_t>(bytes.size())));
  return *this;
}

Bson& Bson::put_min_key(std::string_view name) {
  PENSTOCK_CHECK(bson_append_minkey(get(), name.data(), length(name)));
  return *this;
}

Bson& Bson::put_max_key(std::string_view name) {
  PENSTOCK_CHECK(bson_append_maxkey(get(), name.data(), length(name)));
  return *this;
}

Bson& Bson::put(std::string_view name, const Bson& document) { return put(name, document.get()); }

Bson& Bson::put(std::string_view name, const _bson_t* document) {
  PENSTOCK_CHECK(bson_append_document(get(), name.data(), length(name), document));
  return *this;
}

Bson& Bson::put_array(std::string_view name, const Bson& elements) {
  PENSTOCK_CHECK(bson_append_array(get(), name.data(), length(name), elements.get()));
  return *this;
}

Bson& Bson::put_texts(std::string_view name, const std::vector<std::string>& values) {
  BsonList list;
  for (const std::string& value : values) list.add_text(value);
  return put_array(name, list.elements());
}

Bson& Bson::put_copy(std::string_view name, const _bson_t* from, const char* field) {
  bson_iter_t found;
  if (bson_iter_init_find(&found, from, field)) {
    PENSTOCK_CHECK(bson_append_iter(get(), name.data(), length(name), &found));
  }
  return *this;
}

Bson& Bson::append(const Bson& from) {
  PENSTOCK_CHECK(bson_concat(get(), from.get()));
  return *this;
}

std::uint32_t Bson::size() const { return document_->len; }
const std::uint8_t* Bson::data() const { return bson_get_data(document_.get()); }
bool Bson::empty() const { return bson_empty(document_.get()); }

std::string Bson::bytes() const {
  return {reinterpret_cast<const char*>(bson_get_data(get())), document_->len};
}

std::string Bson::json() const {
  char* text = bson_as_relaxed_extended_json(get(), nullptr);
  std::string result = text == nullptr ? "?" : text;
  bson_free(text);
  return result;
}

void BsonList::add(const Bson& document) { elements_.put(std::to_string(count_++), document); }
void BsonList::add_text(std::string_view value) { elements_.put_text(std::to_string(count_++), value); }

void BsonList::add_first_value(const std::uint8_t* document, std::size_t size) {
  bson_t view;
  bson_iter_t first;
  PENSTOCK_CHECK(bson_init_static(&view, document, size));
  PENSTOCK_CHECK(bson_iter_init(&first, &view) && bson_iter_next(&first));
  const char* name = nullptr;
  char digits[16];
  const std::size_t name_length = bson_uint32_to_string(count_++, &name, digits, sizeof digits);
  PENSTOCK_CHECK(bson_append_iter(elements_.get(), name, static_cast<int>(name_length), &first));
}

void BsonList::clear() {
  bson_reinit(elements_.get());
  count_ = 0;
}

std::optional<std::int64_t> long_at(const _bson_t* document, const char* path) {
  bson_iter_t found;
  if (!find(document, path, found) || !BSON_ITER_HOLDS_NUMBER(&found)) return std::nullopt;
  return bson_iter_as_int64(&found);
}

std::uint64_t unsigned_at(const _bson_t* document, const char* path) {
  return static_cast<std::uint64_t>(long_at(document, path).value_or(0));
}

std::optional<std::string> text_at(const _bson_t* document, const char* path) {
  bson_iter_t found;
  if (!find(document, path, found) || !BSON_ITER_HOLDS_UTF8(&found)) return std::nullopt;
  std::uint32_t size = 0;
  const char* text = bson_iter_utf8(&found, &size);
  return std::string(text, size);
}

bool bool_at(const _bson_t* document, const char* path) {
  bson_iter_t found;
  return find(document, path, found) && bson_iter_as_bool(&found);
}

std::optional<std::int64_t> date_at(const _bson_t* document, const char* path) {
  bson_iter_t found;
  if (!find(document, path, found) || !BSON_ITER_HOLDS_DATE_TIME(&found)) return std::nullopt;
  return bson_iter_date_time(&found);
}

std::optional<std::string> binary_at(const _bson_t* document, const char* path) {
  bson_iter_t found;
  if (!find(document, path, found) || !BSON_ITER_HOLDS_BINARY(&found)) return std::nullopt;
  bson_subtype_t subtype = BSON_SUBTYPE_BINARY;
  std::uint32_t size = 0;
  const std::uint8_t* bytes = nullptr;
  bson_iter_binary(&found, &subtype, &size, &bytes);
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

std::optional<Bson> document_at(const _bson_t* document, const char* path) {
  bson_iter_t found;
  if (!find(document, path, found) || !BSON_ITER_HOLDS_DOCUMENT(&found)) return std::nullopt;
  std::uint32_t size = 0;
  const std::uint8_t* bytes = nullptr;
  bson_iter_document(&found, &size, &bytes);
  return Bson::copy(bytes, size);
}

std::vector<Bson> documents_at(const _bson_t* document, const char* path) {
  std::vector<Bson> result;
  bson_iter_t found;
  bson_iter_t item;
  if (!find(document, path, found) || !BSON_ITER_HOLDS_ARRAY(&found)) return result;
  if (!bson_iter_recurse(&found, &item)) return result;
  while (bson_iter_next(&item)) {
    if (!BSON_ITER_HOLDS_DOCUMENT(&item)) continue;
    std::uint32_t size = 0;
    const std::uint8_t* bytes = nullptr;
    bson_iter_document(&item, &size, &bytes);
    result.push_back(Bson::copy(bytes, size));
  }
  return result;
}

std::optional<std::vector<std::string>> texts_at(const _bson_t* document, const char* path) {
  bson_iter_t found;
  bson_iter_t item;
  if (!find(document, path, found) || !BSON_ITER_HOLDS_ARRAY(&found)) return std::nullopt;
  std::vector<std::string> result;
  if (!bson_iter_recurse(&found, &item)) return std::nullopt;
  while (bson_iter_next(&item)) {
    std::uint32_t size = 0;
    const char* text = bson_iter_utf8(&item, &size);
    result.emplace_back(text == nullptr ? "" : text, size);
  }
  return result;
}

bool has(const _bson_t* document, const char* path) {
  bson_iter_t found;
  return find(document, path, found);
}

}  // namespace penstock::mongo
