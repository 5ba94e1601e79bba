// What went wrong in one exchange with MongoDB, and what that means for the transaction it was part of. The
// one place that knows the server's error codes (MongoDB manual: "Error Codes"; mongo/base/error_codes.yml).
#pragma once

#include <cstddef>
#include <string>
#include <tl/expected.hpp>

#include "base/result.h"

struct _bson_t;        // NOLINT(bugprone-reserved-identifier): the library's name
struct _bson_error_t;  // NOLINT(bugprone-reserved-identifier): the library's name

namespace penstock::mongo {

enum class FailureKind {
  kUnavailable,   // network, no primary, stepping down: later
  kConflict,      // another operation touched the same documents: again at once
  kDuplicateKey,  // an insert met an existing `_id`
  kUniqueIndex,   // a unique index of the user's own stands in the way
  kDocument,      // the server refuses this one document
  kRefused,       // rights, or a command the server does not take
};

struct Failure {
  FailureKind kind = FailureKind::kRefused;
  Error error;
  int code = 0;
  std::size_t index = 0;        // kDuplicateKey, kDocument: which statement of the bulk
  bool commit_unknown = false;  // UnknownTransactionCommitResult
  bool too_large = false;       // the transaction, or it has taken too long
};

template <class T>
using Tried = tl::expected<T, Failure>;

// `reply` may be null. `what` says what was tried: "writing the position".
Failure failure_of(const _bson_error_t& error, const _bson_t* reply, const std::string& what);
// The first entry of `writeErrors` in a reply of an insert, update or delete, if there is one; also an error
// of the write concern.
bool write_failure_of(const _bson_t* reply, const std::string& what, Failure& failure);

template <class T>
Result<T> to_result(Tried<T> tried) {
  if (!tried) return fail(std::move(tried.error().error));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*tried);
  }
}

}  // namespace penstock::mongo

// NOLINTBEGIN(bugprone-macro-parentheses): declarations and statements are not expressions
// Leaves the calling function, which returns a Tried, with the failure of `expression`, if it has one.
#define PENSTOCK_ATTEMPT(expression)                                                         \
  do {                                                                                       \
    if (auto attempt_result_ = (expression); !attempt_result_)                               \
      return tl::unexpected<::penstock::mongo::Failure>(std::move(attempt_result_).error()); \
  } while (false)

// PENSTOCK_ATTEMPT_ASSIGN(auto x, may_fail()): x is the value, or the calling function returns the failure.
#define PENSTOCK_ATTEMPT_ASSIGN(declaration, expression)         \
  auto PENSTOCK_CONCAT(attempt_, __LINE__) = (expression);       \
  if (!PENSTOCK_CONCAT(attempt_, __LINE__))                      \
    return tl::unexpected<::penstock::mongo::Failure>(           \
        std::move(PENSTOCK_CONCAT(attempt_, __LINE__)).error()); \
  declaration = std::move(*PENSTOCK_CONCAT(attempt_, __LINE__))
// NOLINTEND(bugprone-macro-parentheses)
