#include "sink/mongo/apply/bulk.h"

#include <mongoc/mongoc.h>

#include "base/check.h"

namespace penstock::mongo {
namespace {

bson_t view(const std::uint8_t* bytes, std::size_t size) {
  bson_t document;
  PENSTOCK_CHECK(bson_init_static(&document, bytes, size));
  return document;
}

// The encoder made the documents: libmongoc need not look at them again.
const bson_t* unvalidated() {
  static const Bson* const options = new Bson(std::move(Bson().put_bool("validate", false)));
  return options->get();
}

const bson_t* unvalidated_upsert() {
  static const Bson* const options =
      new Bson(std::move(Bson().put_bool("validate", false).put_bool("upsert", true)));
  return options->get();
}

}  // namespace

Bulk::Bulk(Connection& connection, const std::string& database, const std::string& collection,
           const Bson* options)
    : collection_(mongoc_client_get_collection(connection.client(), database.c_str(), collection.c_str())) {
  Bson all;
  if (options != nullptr) all.append(*options);
  all.put_bool("ordered", false);
  bulk_ = mongoc_collection_create_bulk_operation_with_opts(collection_, all.get());
}

Bulk::~Bulk() {
  mongoc_bulk_operation_destroy(bulk_);
  mongoc_collection_destroy(collection_);
}

void Bulk::note(bool accepted, const char* message) {
  if (!accepted && refusal_.empty()) {
    refusal_ = message;
    refused_ = size_;
  }
  ++size_;
}

void Bulk::insert(const std::uint8_t* document, std::size_t size) {
  const bson_t whole = view(document, size);
  bson_error_t error{};
  note(mongoc_bulk_operation_insert_with_opts(bulk_, &whole, unvalidated(), &error), error.message);
}

void Bulk::replace(const std::uint8_t* filter, std::size_t filter_size, const std::uint8_t* document,
                   std::size_t size) {
  const bson_t selector = view(filter, filter_size);
  const bson_t whole = view(document, size);
  bson_error_t error{};
  note(mongoc_bulk_operation_replace_one_with_opts(bulk_, &selector, &whole, unvalidated_upsert(), &error),
       error.message);
}

void Bulk::update(const std::uint8_t* filter, std::size_t filter_size, const std::uint8_t* update,
                  std::size_t size) {
  const bson_t selector = view(filter, filter_size);
  const bson_t change = view(update, size);
  bson_error_t error{};
  note(mongoc_bulk_operation_update_one_with_opts(bulk_, &selector, &change, unvalidated(), &error),
       error.message);
}

void Bulk::replace(const Bson& filter, const Bson& document) {
  bson_error_t error{};
  note(mongoc_bulk_operation_replace_one_with_opts(bulk_, filter.get(), document.get(), unvalidated_upsert(),
                                                   &error),
       error.message);
}

void Bulk::update(const Bson& filter, const Bson& update) {
  this->update(filter.data(), filter.size(), update.data(), update.size());
}

void Bulk::upsert(const Bson& filter, const Bson& update) {
  bson_error_t error{};
  note(mongoc_bulk_operation_update_one_with_opts(bulk_, filter.get(), update.get(), unvalidated_upsert(),
                                                  &error),
       error.message);
}

void Bulk::remove(const Bson& filter) {
  bson_error_t error{};
  note(mongoc_bulk_operation_remove_many_with_opts(bulk_, filter.get(), nullptr, &error), error.message);
}

Tried<BulkCounts> Bulk::execute(const std::string& what) {
  if (size_ == 0) return BulkCounts{};
  if (!refusal_.empty()) {
    Failure failure;
    failure.kind = FailureKind::kDocument;
    failure.index = refused_;
    failure.error = make_error(ErrorKind::kRejectedDocument, "MongoDB, " + what + ": " + refusal_);
    return tl::unexpected<Failure>(std::move(failure));
  }
  bson_t reply;
  bson_error_t error{};
  const bool ok = mongoc_bulk_operation_execute(bulk_, &reply, &error) != 0;
  const Bson kept(bson_copy(&reply));
  bson_destroy(&reply);
  Failure failure;
  if (!ok) return tl::unexpected<Failure>(failure_of(error, kept.get(), what));
  if (write_failure_of(kept.get(), what, failure)) return tl::unexpected<Failure>(std::move(failure));
  return BulkCounts{unsigned_at(kept.get(), "nMatched"), unsigned_at(kept.get(), "nRemoved")};
}

}  // namespace penstock::mongo
