// Connections to MongoDB: the pool, one client with its commands, and transactions. Only these files and the
// bulk writers call libmongoc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sink/mongo/bson.h"
#include "sink/mongo/failure.h"

struct _mongoc_client_t;           // NOLINT(bugprone-reserved-identifier): the library's name
struct _mongoc_client_pool_t;      // NOLINT(bugprone-reserved-identifier): the library's name
struct _mongoc_client_session_t;   // NOLINT(bugprone-reserved-identifier): the library's name
struct _mongoc_transaction_opt_t;  // NOLINT(bugprone-reserved-identifier): the library's name
struct _mongoc_uri_t;              // NOLINT(bugprone-reserved-identifier): the library's name

namespace penstock::mongo {

enum class Topology { kStandalone, kReplicaSet, kSharded };
const char* name_of(Topology topology);  // "standalone", "replica set", "sharded cluster"

// What a server says of itself (`hello`, `buildInfo`).
struct ServerInfo {
  Topology topology = Topology::kStandalone;
  std::string version;      // 6.0.5
  std::string replica_set;  // empty: none
  std::string primary;      // host:port
};

class Clients;

struct Find {
  Bson filter;
  Bson projection;  // empty: all fields
  Bson sort;        // empty: any order
  std::int64_t limit = 0;
  std::int64_t batch = 0;              // documents a reply; 0: the server's own choice
  const char* read_concern = nullptr;  // "majority", "local"; not inside a transaction
  Bson min;                            // inclusive lower bound on the index `hint`
  Bson hint;
};

// As the options of a `find`, after those of `options` (may be null).
Bson find_options(const Find& find, const Bson* options);

// One client out of the pool. One thread at a time. Calls block up to the URI's socket and server-selection
// time-outs.
class Connection {
 public:
  explicit Connection(std::shared_ptr<Clients> clients);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // `options`: a session for a transaction, or {writeConcern: …}; may be null. `what` is for error texts.
  Tried<Bson> write(const std::string& database, const Bson& command, const Bson* options,
                    const std::string& what);
  Tried<Bson> read(const std::string& database, const Bson& command, const Bson* options,
                   const std::string& what);
  Tried<std::vector<Bson>> find(const std::string& database, const std::string& collection, const Find& find,
                                const Bson* options, const std::string& what);
  Result<ServerInfo> describe();

  _mongoc_client_t* client() { return client_; }

 private:
  std::shared_ptr<Clients> clients_;
  _mongoc_client_t* client_;
};

// Where connections come from. Thread-safe.
class Clients {
 public:
  enum class Kind {
    kPool,      // several threads for long: the topology is watched by threads of libmongoc
    kProcess,   // a pool that the process leaves to its end: ending one takes libmongoc half a second
    kSeparate,  // one command, soon over
  };
  // kConfiguration when the URI cannot be read (the text never holds its password); no I/O.
  static Result<std::shared_ptr<Clients>> open(const std::string& uri, Kind kind = Kind::kPool);
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

 private:
  friend class Connection;
  Clients(_mongoc_uri_t* uri, _mongoc_client_pool_t* pool, Kind kind) : uri_(uri), pool_(pool), kind_(kind) {}
  _mongoc_client_t* take();
  void give_back(_mongoc_client_t* client);

  _mongoc_uri_t* uri_;
  _mongoc_client_pool_t* pool_;  // null: kSeparate
  Kind kind_;
};

// A session with transactions of write concern majority. One transaction at a time.
class Session {
 public:
  static Result<std::unique_ptr<Session>> start(Connection& connection);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Tried<void> begin();
  Tried<void> commit();                             // tries a few times while the result is unknown
  void abort();                                     // does nothing outside a transaction
  const Bson& options() const { return options_; }  // {sessionId: …} for the commands inside
  std::string id() const;                           // the 16 bytes of its lsid

 private:
  Session(_mongoc_client_session_t* session, _mongoc_transaction_opt_t* transaction);
  _mongoc_client_session_t* session_;
  _mongoc_transaction_opt_t* transaction_;
  Bson options_;
};

// {writeConcern: {w: "majority", j: true, wtimeout: 60000}}, or {w: 1, j: true} where there is no replica
// set.
Bson durable(Topology topology);

}  // namespace penstock::mongo
