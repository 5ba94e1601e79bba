// Many writes to one collection, sent as few commands (MongoDB manual: "Bulk Write Operations", unordered).
#pragma once

#include <cstdint>
#include <string>

#include "sink/mongo/bson.h"
#include "sink/mongo/client.h"
#include "sink/mongo/failure.h"

struct _mongoc_bulk_operation_t;  // NOLINT(bugprone-reserved-identifier): the library's name
struct _mongoc_collection_t;      // NOLINT(bugprone-reserved-identifier): the library's name

namespace penstock::mongo {

struct BulkCounts {
  std::uint64_t matched = 0;
  std::uint64_t removed = 0;
};

// Build, execute once, throw away. Bytes are BSON documents and are copied.
class Bulk {
 public:
  // `options`: the session of a transaction, or a write concern; may be null.
  Bulk(Connection& connection, const std::string& database, const std::string& collection,
       const Bson* options);
  ~Bulk();
  Bulk(const Bulk&) = delete;
  Bulk& operator=(const Bulk&) = delete;

  void insert(const std::uint8_t* document, std::size_t size);
  void replace(const std::uint8_t* filter, std::size_t filter_size, const std::uint8_t* document,
               std::size_t size);
  void update(const std::uint8_t* filter, std::size_t filter_size, const std::uint8_t* update,
              std::size_t size);
  void replace(const Bson& filter, const Bson& document);  // inserts when missing, as the other replace
  void update(const Bson& filter, const Bson& update);
  void upsert(const Bson& filter, const Bson& update);
  void remove(const Bson& filter);  // every match

  std::size_t size() const { return size_; }
  // Nothing to do is success. Failure::index counts the writes in the order they were added.
  Tried<BulkCounts> execute(const std::string& what);

 private:
  void note(bool accepted, const char* message);

  _mongoc_collection_t* collection_;
  _mongoc_bulk_operation_t* bulk_;
  std::size_t size_ = 0;
  std::string refusal_;  // libmongoc would not take one of the writes
  std::size_t refused_ = 0;
};

}  // namespace penstock::mongo
