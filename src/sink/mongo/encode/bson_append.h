// libbson for the encoder's own .cpp files: an owned document, and appending with checked results.
#pragma once

#include <bson/bson.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::mongo {

// An owned, growing document.
class BsonDocument {
 public:
  BsonDocument() { bson_init(&document_); }
  ~BsonDocument() { bson_destroy(&document_); }
  BsonDocument(const BsonDocument&) = delete;
  BsonDocument& operator=(const BsonDocument&) = delete;

  bson_t& get() { return document_; }
  std::string bytes() const {
    return {reinterpret_cast<const char*>(bson_get_data(&document_)), document_.len};
  }

 private:
  bson_t document_;
};

inline int length_of(std::string_view name) { return static_cast<int>(name.size()); }

// libbson appends nothing more to a document of 2 GiB.
inline Status appended(bool done) {
  if (done) return {};
  return fail(ErrorKind::kRejectedDocument, "the document grows beyond 2 GiB");
}

}  // namespace penstock::mongo
