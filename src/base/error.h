// Errors are values. An Error says what happened, where, and what to do next.
#pragma once

#include <string>
#include <utility>

namespace penstock {

// The closed set of things that can go wrong. `base/error_policy.h` maps each to an action and an exit code.
enum class ErrorKind {
  kUsage,                // command line
  kConfiguration,        // pipeline file, or a database set up in a way we refuse
  kCheckFailed,          // a check or comparison did not hold
  kPostgresUnavailable,  // connection lost, server starting or stopping: worth a retry
  kPostgresRefused,      // authentication, permission, a statement that failed
  kPostgresProtocol,     // bytes that the protocol does not allow
  kSlotBusy,             // another process reads the slot
  kGap,                  // changes between our position and the slot are gone
  kDivergence,           // another cluster, or a server behind our position
  kSchemaChanged,        // the table is no longer as it was when its load began
  kMongoUnavailable,     // no primary, network, time-out: worth a retry
  kMongoRefused,         // authentication, permission, a command that failed
  kKafkaUnavailable,     // brokers do not answer: worth a retry
  kKafkaRefused,         // authentication, rights, a topic that cannot be made
  kFenced,               // another writer has taken over
  kBadValue,             // one row cannot be decoded or converted
  kRejectedDocument,     // one document that MongoDB cannot hold
  kCancelled,            // asked to stop
  kInternal,             // a defect of ours
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;  // what happened, naming table, column, type, LSN where known
  std::string remedy;   // what to do next: the exact SQL or command; may be empty

  // "message" or "message\n  -> remedy", as shown to the operator.
  std::string text() const { return remedy.empty() ? message : message + "\n  -> " + remedy; }
};

inline Error make_error(ErrorKind kind, std::string message, std::string remedy = {}) {
  return Error{kind, std::move(message), std::move(remedy)};
}

}  // namespace penstock
