// Which errors of the server mean what for a transaction.
#include "sink/mongo/failure.h"

#include <gtest/gtest.h>
#include <mongoc/mongoc.h>

#include "sink/mongo/bson.h"

namespace penstock::mongo {
namespace {

bson_error_t server_error(std::uint32_t code) {
  bson_error_t error{};
  error.domain = MONGOC_ERROR_SERVER;
  error.code = code;
  return error;
}

FailureKind kind_of_code(std::uint32_t code) {
  return failure_of(server_error(code), nullptr, "testing").kind;
}

Bson write_error(std::int32_t code, const char* message, std::int32_t index = 3) {
  BsonList entries;
  entries.add(Bson().put_int("index", index).put_int("code", code).put_text("errmsg", message));
  return std::move(Bson().put_array("writeErrors", entries.elements()));
}

Failure write_failure(const Bson& reply) {
  Failure failure;
  EXPECT_TRUE(write_failure_of(reply.get(), "testing", failure));
  return failure;
}

TEST(Failure, a_server_that_stops_or_elects_is_unavailable) {
  for (const std::uint32_t code : {11600U, 11602U, 10107U, 13435U, 189U, 91U, 7U, 6U, 89U, 9001U, 64U}) {
    EXPECT_EQ(kind_of_code(code), FailureKind::kUnavailable) << code;
  }
}

TEST(Failure, conflicts_and_killed_transactions_are_tried_again_at_once) {
  for (const std::uint32_t code : {112U, 251U, 24U, 246U})
    EXPECT_EQ(kind_of_code(code), FailureKind::kConflict) << code;
}

TEST(Failure, a_transaction_that_the_server_does_not_hold_is_told_from_others) {
  for (const std::uint32_t code : {257U, 290U, 388U})
    EXPECT_TRUE(failure_of(server_error(code), nullptr, "testing").too_large) << code;
  for (const std::uint32_t code : {112U, 225U, 251U, 10107U})
    EXPECT_FALSE(failure_of(server_error(code), nullptr, "testing").too_large) << code;
  // Not a matter of the document that was written last.
  const Failure failure = write_failure(write_error(388, "transaction is too large to fit in the cache"));
  EXPECT_TRUE(failure.too_large);
  EXPECT_NE(failure.kind, FailureKind::kDocument);
}

TEST(Failure, rights_are_refused_with_the_role_that_is_missing) {
  const Failure failure = failure_of(server_error(13), nullptr, "testing");
  EXPECT_EQ(failure.error.kind, ErrorKind::kMongoRefused);
  EXPECT_NE(failure.error.remedy.find("readWrite"), std::string::npos);
  EXPECT_EQ(failure_of(server_error(18), nullptr, "testing").error.kind, ErrorKind::kMongoRefused);
}

TEST(Failure, a_lost_connection_is_unavailable) {
  bson_error_t error{};
  error.domain = MONGOC_ERROR_STREAM;
  error.code = MONGOC_ERROR_STREAM_SOCKET;
  EXPECT_EQ(failure_of(error, nullptr, "testing").kind, FailureKind::kUnavailable);
  error.domain = MONGOC_ERROR_SERVER_SELECTION;
  error.code = MONGOC_ERROR_SERVER_SELECTION_FAILURE;
  EXPECT_EQ(failure_of(error, nullptr, "testing").kind, FailureKind::kUnavailable);
}

TEST(Failure, codes_of_the_driver_are_not_taken_for_the_servers) {
  bson_error_t error{};
  error.domain = MONGOC_ERROR_BSON;
  error.code = 112;  // WriteConflict, were it the server's
  EXPECT_EQ(failure_of(error, nullptr, "testing").kind, FailureKind::kRefused);
}

TEST(Failure, an_existing_id_is_told_from_a_unique_index_of_the_user) {
  EXPECT_EQ(write_failure(write_error(11000, "E11000 … index: _id_ dup key")).kind,
            FailureKind::kDuplicateKey);
  const Failure other = write_failure(write_error(11000, "E11000 … index: email_1 dup key"));
  EXPECT_EQ(other.kind, FailureKind::kUniqueIndex);
  EXPECT_EQ(other.error.kind, ErrorKind::kConfiguration);
}

TEST(Failure, a_refused_document_names_its_place_in_the_bulk) {
  const Failure failure = write_failure(write_error(121, "Document failed validation"));
  EXPECT_EQ(failure.kind, FailureKind::kDocument);
  EXPECT_EQ(failure.index, 3U);
  EXPECT_EQ(failure.error.kind, ErrorKind::kRejectedDocument);
}

TEST(Failure, a_write_error_of_a_primary_that_stepped_down_is_no_refused_document) {
  EXPECT_EQ(write_failure(write_error(189, "stepped down")).kind, FailureKind::kUnavailable);
  EXPECT_EQ(write_failure(write_error(112, "conflict")).kind, FailureKind::kConflict);
  EXPECT_EQ(write_failure(write_error(13, "not authorized")).kind, FailureKind::kRefused);
}

TEST(Failure, a_missed_majority_is_unavailable) {
  Bson reply;
  reply.put("writeConcernError",
            Bson().put_int("code", 64).put_text("errmsg", "waiting for replication timed out"));
  EXPECT_EQ(write_failure(reply).kind, FailureKind::kUnavailable);
}

}  // namespace
}  // namespace penstock::mongo
