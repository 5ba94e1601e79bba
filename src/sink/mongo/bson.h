// BSON documents as the sink's own commands and state need them: an owner, a builder and readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct _bson_t;  // NOLINT(bugprone-reserved-identifier): the library's name

namespace penstock::mongo {

// Owns one BSON document. Builders append in order and return the document itself. Movable; one thread at a
// time.
class Bson {
 public:
  Bson();
  explicit Bson(_bson_t* owned) : document_(owned) {}
  // A copy of `size` bytes that hold a BSON document.
  static Bson copy(const std::uint8_t* bytes, std::size_t size);
  static Bson copy(const _bson_t* document);

  Bson& put_long(std::string_view name, std::int64_t value);
  Bson& put_unsigned(std::string_view name, std::uint64_t value);  // as long; must be below 2^63
  Bson& put_int(std::string_view name, std::int32_t value);
  Bson& put_bool(std::string_view name, bool value);
  Bson& put_text(std::string_view name,
                 std::string_view value);  // bytes that are no UTF-8 are replaced by '?'
  Bson& put_null(std::string_view name);
  Bson& put_now(std::string_view name);
  Bson& put_date(std::string_view name, std::int64_t millis);
  Bson& put_uuid(std::string_view name, std::string_view sixteen_bytes);
  Bson& put_binary(std::string_view name, std::string_view bytes);
  Bson& put_min_key(std::string_view name);
  Bson& put_max_key(std::string_view name);
  Bson& put(std::string_view name, const Bson& document);
  Bson& put(std::string_view name, const _bson_t* document);
  Bson& put_array(std::string_view name, const Bson& elements);  // `elements` has the names "0", "1", ...
  Bson& put_texts(std::string_view name, const std::vector<std::string>& values);
  // The element `name` of `from`, if it is there.
  Bson& put_copy(std::string_view name, const _bson_t* from, const char* field);
  // All elements of `from`.
  Bson& append(const Bson& from);

  _bson_t* get() { return document_.get(); }
  const _bson_t* get() const { return document_.get(); }
  std::uint32_t size() const;
  const std::uint8_t* data() const;
  bool empty() const;
  std::string bytes() const;
  std::string json() const;  // relaxed extended JSON

 private:
  struct Delete {
    void operator()(_bson_t* document) const;
  };
  std::unique_ptr<_bson_t, Delete> document_;
};

// Elements of an array under construction.
class BsonList {
 public:
  void add(const Bson& document);
  void add_text(std::string_view value);
  // The value of the first element of `document`, e.g. of {"_id": 7}.
  void add_first_value(const std::uint8_t* document, std::size_t size);
  const Bson& elements() const { return elements_; }
  std::uint32_t size() const { return count_; }
  void clear();

 private:
  Bson elements_;
  std::uint32_t count_ = 0;
};

// Fields of a document by dotted path; nothing when absent or of another type.
std::optional<std::int64_t> long_at(const _bson_t* document, const char* path);
std::uint64_t unsigned_at(const _bson_t* document, const char* path);  // 0 when absent
std::optional<std::string> text_at(const _bson_t* document, const char* path);
bool bool_at(const _bson_t* document, const char* path);  // false when absent; numbers count
std::optional<std::int64_t> date_at(const _bson_t* document, const char* path);  // milliseconds
std::optional<std::string> binary_at(const _bson_t* document, const char* path);
std::optional<Bson> document_at(const _bson_t* document, const char* path);
std::vector<Bson> documents_at(const _bson_t* document, const char* path);  // of an array
std::optional<std::vector<std::string>> texts_at(const _bson_t* document, const char* path);
bool has(const _bson_t* document, const char* path);

}  // namespace penstock::mongo
