// Reads of one moment: every read sees the collections as they stood at the first one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "sink/mongo/client.h"

struct _bson_t;                   // NOLINT(bugprone-reserved-identifier): the library's name
struct _mongoc_client_session_t;  // NOLINT(bugprone-reserved-identifier): the library's name

namespace penstock::mongo {

// One thread at a time; the connection must outlive it. MongoDB manual: "Read Concern snapshot". The server
// keeps what it needs for minSnapshotHistoryWindowInSeconds (300 unless set); afterwards reads fail
// (is_gone).
class SnapshotSession {
 public:
  // Without `snapshot` (a standalone server) reads see what is newest.
  static Result<std::unique_ptr<SnapshotSession>> start(Connection& connection, bool snapshot);
  ~SnapshotSession();
  SnapshotSession(const SnapshotSession&) = delete;
  SnapshotSession& operator=(const SnapshotSession&) = delete;

  // Calls `each` with every document; it is valid during the call.
  using Each = std::function<void(const _bson_t& document)>;
  Tried<void> find(const std::string& database, const std::string& collection, const Find& find,
                   const Each& each, const std::string& what);
  // Exact.
  Tried<std::uint64_t> count(const std::string& database, const std::string& collection, const Bson& filter,
                             const std::string& what);
  // {sessionId: …} for the reads of others.
  const Bson& options() const { return options_; }

 private:
  SnapshotSession(Connection& connection, _mongoc_client_session_t* session);
  Connection& connection_;
  _mongoc_client_session_t* session_;  // null: no snapshot
  Bson options_;
};

// Whether the server cannot read at that moment any more: too long ago, or a collection was renamed or
// dropped since.
bool is_gone(const Failure& failure);

}  // namespace penstock::mongo
