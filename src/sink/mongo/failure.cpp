#include "sink/mongo/failure.h"

#include <mongoc/mongoc.h>

#include <algorithm>
#include <array>

#include "sink/mongo/bson.h"

namespace penstock::mongo {
namespace {

// Retryable by the drivers' specification, and the ones of a server that starts, stops or elects.
constexpr std::array kUnavailableCodes = {
    6,      // HostUnreachable
    7,      // HostNotFound
    64,     // WriteConcernFailed: a time-out of the majority
    89,     // NetworkTimeout
    91,     // ShutdownInProgress
    133,    // FailedToSatisfyReadPreference
    134,    // ReadConcernMajorityNotAvailableYet
    175,    // QueryPlanKilled
    189,    // PrimarySteppedDown
    262,    // ExceededTimeLimit
    279,    // ClientDisconnect
    9001,   // SocketException
    10058,  // LegacyNotPrimary
    10107,  // NotWritablePrimary
    11600,  // InterruptedAtShutdown
    11602,  // InterruptedDueToReplStateChange
    13435,  // NotPrimaryNoSecondaryOk
    13436,  // NotPrimaryOrSecondary
    50,     // MaxTimeMSExpired
    202,    // NetworkInterfaceExceededTimeLimit
    290,    // TransactionExceededLifetimeLimitSeconds
    384,    // ConnectionError
    63,     // StaleShardVersion
    150,    // StaleEpoch
    13388,  // StaleConfig
    249,    // StaleDbVersion
};

constexpr std::array kConflictCodes = {
    24,     // LockTimeout
    112,    // WriteConflict
    246,    // SnapshotUnavailable
    251,    // NoSuchTransaction: aborted by the server, or its session was killed
    225,    // TransactionTooOld
    267,    // PreparedTransactionInProgress
    239,    // SnapshotTooOld
    11601,  // Interrupted: somebody killed the operation
};

// Of the transaction as a whole: the same again comes to the same.
constexpr std::array kTooLargeCodes = {
    257,  // TransactionTooLarge
    290,  // TransactionExceededLifetimeLimitSeconds
    388,  // TransactionTooLargeForCache
};

constexpr int kDuplicateKey = 11000;
constexpr int kUnauthorized = 13;
constexpr int kAuthenticationFailed = 18;
constexpr int kIllegalOperation = 20;

template <class Codes>
bool contains(const Codes& codes, int code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool is_network(const bson_error_t& error) {
  switch (error.domain) {
    case MONGOC_ERROR_STREAM:
      return error.code != MONGOC_ERROR_STREAM_INVALID_TYPE;
    case MONGOC_ERROR_SERVER_SELECTION:
      return true;
    case MONGOC_ERROR_CLIENT:
      return error.code == MONGOC_ERROR_CLIENT_NOT_READY;
    default:
      return false;
  }
}

bool is_authentication(const bson_error_t& error, int code) {
  return code == kAuthenticationFailed || error.domain == MONGOC_ERROR_SASL ||
         error.domain == MONGOC_ERROR_SCRAM ||
         (error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE);
}

std::string remedy_of(int code, const bson_error_t& error) {
  if (is_authentication(error, code)) {
    return "correct the user, the password and authSource in sink.mongodb of the pipeline file";
  }
  if (code == kUnauthorized) {
    return "grant the user the role readWrite on the pipeline's database: db.grantRolesToUser(\"<user>\", "
           "[{role: \"readWrite\", db: \"<database>\"}])";
  }
  if (code == kIllegalOperation) return "transactions need a replica set or a sharded cluster";
  return {};
}

FailureKind kind_of(int code, const bson_error_t& error, const bson_t* reply) {
  if (is_authentication(error, code) || code == kUnauthorized) return FailureKind::kRefused;
  if (code == kDuplicateKey) return FailureKind::kDuplicateKey;
  if (contains(kConflictCodes, code)) return FailureKind::kConflict;
  if (is_network(error) || contains(kUnavailableCodes, code)) return FailureKind::kUnavailable;
  if (reply != nullptr && (mongoc_error_has_label(reply, "TransientTransactionError") ||
                           mongoc_error_has_label(reply, "UnknownTransactionCommitResult") ||
                           mongoc_error_has_label(reply, "RetryableWriteError"))) {
    return FailureKind::kUnavailable;
  }
  return FailureKind::kRefused;
}

ErrorKind error_kind(FailureKind kind) {
  switch (kind) {
    case FailureKind::kUnavailable:
    case FailureKind::kConflict:
      return ErrorKind::kMongoUnavailable;
    case FailureKind::kDocument:
      return ErrorKind::kRejectedDocument;
    case FailureKind::kUniqueIndex:
      return ErrorKind::kConfiguration;
    case FailureKind::kDuplicateKey:
    case FailureKind::kRefused:
      break;
  }
  return ErrorKind::kMongoRefused;
}

std::string text_of(const std::string& what, const std::string& message, int code) {
  std::string text = "MongoDB, " + what + ": " + message;
  if (code != 0) text += " (code " + std::to_string(code) + ")";
  return text;
}

// One entry of writeErrors. Whatever is neither about the server, nor about rights, is about the document.
Failure entry_failure(const Bson& entry, const std::string& what) {
  Failure failure;
  failure.code = static_cast<int>(long_at(entry.get(), "code").value_or(0));
  failure.index = unsigned_at(entry.get(), "index");
  const std::string message = text_at(entry.get(), "errmsg").value_or("no message");
  bson_error_t error{};
  error.domain = MONGOC_ERROR_SERVER;
  failure.kind = kind_of(failure.code, error, nullptr);
  failure.too_large = contains(kTooLargeCodes, failure.code);
  if (failure.kind == FailureKind::kRefused && failure.code != kUnauthorized && !failure.too_large) {
    failure.kind = FailureKind::kDocument;
  }
  const bool by_id = has(entry.get(), "keyPattern._id") || message.find("index: _id_") != std::string::npos;
  std::string remedy = remedy_of(failure.code, error);
  if (failure.kind == FailureKind::kDuplicateKey && !by_id) {
    failure.kind = FailureKind::kUniqueIndex;
    remedy =
        "drop the unique index that the message names: only `_id` may be unique in a collection of the "
        "pipeline";
  }
  failure.error = make_error(error_kind(failure.kind), text_of(what, message, failure.code), remedy);
  return failure;
}

}  // namespace

Failure failure_of(const _bson_error_t& error, const _bson_t* reply, const std::string& what) {
  Failure failure;
  if (reply != nullptr && write_failure_of(reply, what, failure)) return failure;
  // Codes of libmongoc's own domains may equal the server's by number: only the server's count.
  const bool from_server = error.domain == MONGOC_ERROR_SERVER ||
                           error.domain == MONGOC_ERROR_WRITE_CONCERN ||
                           error.domain == MONGOC_ERROR_COMMAND || error.domain == MONGOC_ERROR_QUERY;
  failure.code = from_server ? static_cast<int>(error.code) : 0;
  failure.kind = kind_of(failure.code, error, reply);
  failure.too_large = contains(kTooLargeCodes, failure.code);
  failure.commit_unknown =
      reply != nullptr && mongoc_error_has_label(reply, "UnknownTransactionCommitResult");
  failure.error = make_error(error_kind(failure.kind), text_of(what, error.message, failure.code),
                             remedy_of(failure.code, error));
  return failure;
}

bool write_failure_of(const _bson_t* reply, const std::string& what, Failure& failure) {
  const std::vector<Bson> entries = documents_at(reply, "writeErrors");
  if (!entries.empty()) {
    failure = entry_failure(entries.front(), what);
    return true;
  }
  std::optional<Bson> concern = document_at(reply, "writeConcernError");
  if (!concern) {
    std::vector<Bson> several = documents_at(reply, "writeConcernErrors");
    if (several.empty()) return false;
    concern = std::move(several.front());
  }
  failure.code = static_cast<int>(long_at(concern->get(), "code").value_or(0));
  failure.kind = FailureKind::kUnavailable;
  failure.error =
      make_error(ErrorKind::kMongoUnavailable,
                 text_of(what, text_at(concern->get(), "errmsg").value_or("write concern"), failure.code));
  return true;
}

}  // namespace penstock::mongo
