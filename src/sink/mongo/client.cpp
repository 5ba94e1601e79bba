#include "sink/mongo/client.h"

#include <mongoc/mongoc.h>

#include <mutex>

#include "base/check.h"
#include "base/log.h"

namespace penstock::mongo {
namespace {

constexpr std::int32_t kServerSelectionMillis = 5000;
constexpr std::int32_t kSocketMillis = 120000;
constexpr std::int32_t kMajorityMillis = 60000;

void forward_log(mongoc_log_level_t level, const char* domain, const char* message, void*) {
  if (level == MONGOC_LOG_LEVEL_ERROR || level == MONGOC_LOG_LEVEL_CRITICAL) {
    log::warn("libmongoc ({}): {}", domain, message);
  } else {
    log::debug("libmongoc ({}): {}", domain, message);
  }
}

void init_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    mongoc_log_set_handler(forward_log, nullptr);
    mongoc_init();
  });
}

struct UriDelete {
  void operator()(mongoc_uri_t* uri) const { mongoc_uri_destroy(uri); }
};

// The words of libmongoc about a bad URI may quote it, password and all: they are redacted.
Result<std::unique_ptr<mongoc_uri_t, UriDelete>> parse_uri(const std::string& text) {
  bson_error_t error{};
  std::unique_ptr<mongoc_uri_t, UriDelete> uri(mongoc_uri_new_with_error(text.c_str(), &error));
  if (!uri) {
    return fail(
        ErrorKind::kConfiguration,
        "the MongoDB URI " + redact(text) + " cannot be read: " + redact(error.message),
        "write it as mongodb://user:password@host:port/?replicaSet=name, with '@', ':' and '/' of a password "
        "percent-encoded");
  }
  mongoc_uri_t* const raw = uri.get();
  if (!mongoc_uri_has_option(raw, MONGOC_URI_SERVERSELECTIONTIMEOUTMS)) {
    mongoc_uri_set_option_as_int32(raw, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, kServerSelectionMillis);
  }
  const bool has_socket = mongoc_uri_has_option(raw, MONGOC_URI_SOCKETTIMEOUTMS);
  if (!has_socket || mongoc_uri_get_option_as_int32(raw, MONGOC_URI_SOCKETTIMEOUTMS, 0) < kSocketMillis) {
    mongoc_uri_set_option_as_int32(raw, MONGOC_URI_SOCKETTIMEOUTMS, kSocketMillis);
  }
  mongoc_uri_set_appname(raw, "penstock");
  return uri;
}

struct ReplyBson {
  bson_t value = BSON_INITIALIZER;
  ~ReplyBson() { bson_destroy(&value); }
  ReplyBson() = default;
  ReplyBson(const ReplyBson&) = delete;
  ReplyBson& operator=(const ReplyBson&) = delete;
};

Tried<Bson> finish(bool ok, const ReplyBson& reply, const bson_error_t& error, const std::string& what) {
  Failure failure;
  if (!ok) return tl::unexpected<Failure>(failure_of(error, &reply.value, what));
  if (write_failure_of(&reply.value, what, failure)) return tl::unexpected<Failure>(std::move(failure));
  return Bson::copy(&reply.value);
}

}  // namespace

Bson find_options(const Find& find, const Bson* options) {
  Bson all;
  if (options != nullptr) all.append(*options);
  if (!find.projection.empty()) all.put("projection", find.projection);
  if (!find.sort.empty()) all.put("sort", find.sort);
  if (find.limit > 0) all.put_long("limit", find.limit);
  if (find.batch > 0) all.put_long("batchSize", find.batch);
  if (find.read_concern != nullptr) all.put("readConcern", Bson().put_text("level", find.read_concern));
  if (!find.min.empty()) all.put("min", find.min);
  if (!find.hint.empty()) all.put("hint", find.hint);
  return all;
}

const char* name_of(Topology topology) {
  switch (topology) {
    case Topology::kStandalone:
      return "standalone";
    case Topology::kReplicaSet:
      return "replica set";
    case Topology::kSharded:
      return "sharded cluster";
  }
  return "?";
}

Result<std::shared_ptr<Clients>> Clients::open(const std::string& uri, Kind kind) {
  init_library();
  PENSTOCK_ASSIGN(auto parsed, parse_uri(uri));
  const auto refused = [&](const bson_error_t& error) {
    return fail(ErrorKind::kConfiguration,
                "the MongoDB URI " + redact(uri) + " cannot be used: " + redact(error.message));
  };
  bson_error_t error{};
  if (kind == Kind::kSeparate) {
    // Wait for an election as a pool does, instead of giving up after one look.
    mongoc_uri_set_option_as_bool(parsed.get(), MONGOC_URI_SERVERSELECTIONTRYONCE, false);
    mongoc_client_t* trial = mongoc_client_new_from_uri_with_error(parsed.get(), &error);
    if (trial == nullptr) return refused(error);
    mongoc_client_destroy(trial);
    return std::shared_ptr<Clients>(new Clients(parsed.release(), nullptr, kind));
  }
  mongoc_client_pool_t* pool = mongoc_client_pool_new_with_error(parsed.get(), &error);
  if (pool == nullptr) return refused(error);
  mongoc_client_pool_set_error_api(pool, MONGOC_ERROR_API_VERSION_2);
  return std::shared_ptr<Clients>(new Clients(parsed.release(), pool, kind));
}

Clients::~Clients() {
  if (kind_ == Kind::kProcess) {
    // Reachable for ever, so that leak checkers know it is meant.
    static std::mutex mutex;
    static auto* const left = new std::vector<mongoc_client_pool_t*>();
    const std::lock_guard lock(mutex);
    left->push_back(pool_);
  } else if (pool_ != nullptr) {
    mongoc_client_pool_destroy(pool_);
  }
  mongoc_uri_destroy(uri_);
}

_mongoc_client_t* Clients::take() {
  if (pool_ != nullptr) return mongoc_client_pool_pop(pool_);
  mongoc_client_t* client = mongoc_client_new_from_uri(uri_);
  PENSTOCK_CHECK(client != nullptr);  // open() made one of the same URI
  mongoc_client_set_error_api(client, MONGOC_ERROR_API_VERSION_2);
  return client;
}

void Clients::give_back(_mongoc_client_t* client) {
  if (pool_ != nullptr) {
    mongoc_client_pool_push(pool_, client);
  } else {
    mongoc_client_destroy(client);
  }
}

Connection::Connection(std::shared_ptr<Clients> clients)
    : clients_(std::move(clients)), client_(clients_->take()) {}

Connection::~Connection() { clients_->give_back(client_); }

Tried<Bson> Connection::write(const std::string& database, const Bson& command, const Bson* options,
                              const std::string& what) {
  ReplyBson reply;
  bson_error_t error{};
  bson_destroy(&reply.value);
  const bool ok = mongoc_client_write_command_with_opts(client_, database.c_str(), command.get(),
                                                        options == nullptr ? nullptr : options->get(),
                                                        &reply.value, &error);
  return finish(ok, reply, error, what);
}

Tried<Bson> Connection::read(const std::string& database, const Bson& command, const Bson* options,
                             const std::string& what) {
  ReplyBson reply;
  bson_error_t error{};
  bson_destroy(&reply.value);
  const bool ok = mongoc_client_read_command_with_opts(client_, database.c_str(), command.get(), nullptr,
                                                       options == nullptr ? nullptr : options->get(),
                                                       &reply.value, &error);
  return finish(ok, reply, error, what);
}

Tried<std::vector<Bson>> Connection::find(const std::string& database, const std::string& collection,
                                          const Find& find, const Bson* options, const std::string& what) {
  struct Handles {
    mongoc_collection_t* collection = nullptr;
    mongoc_cursor_t* cursor = nullptr;
    mongoc_read_prefs_t* primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
    ~Handles() {
      mongoc_cursor_destroy(cursor);
      mongoc_collection_destroy(collection);
      mongoc_read_prefs_destroy(primary);
    }
  } handles;
  handles.collection = mongoc_client_get_collection(client_, database.c_str(), collection.c_str());
  const Bson all = find_options(find, options);
  handles.cursor =
      mongoc_collection_find_with_opts(handles.collection, find.filter.get(), all.get(), handles.primary);
  std::vector<Bson> found;
  const bson_t* document = nullptr;
  while (mongoc_cursor_next(handles.cursor, &document)) found.push_back(Bson::copy(document));
  bson_error_t error{};
  const bson_t* reply = nullptr;
  if (mongoc_cursor_error_document(handles.cursor, &error, &reply)) {
    return tl::unexpected<Failure>(failure_of(error, reply, what));
  }
  return found;
}

Result<ServerInfo> Connection::describe() {
  PENSTOCK_ASSIGN(const Bson hello, to_result(read("admin", Bson().put_int("hello", 1), nullptr,
                                                   "asking the server what it is")));
  PENSTOCK_ASSIGN(const Bson build, to_result(read("admin", Bson().put_int("buildInfo", 1), nullptr,
                                                   "asking the server's version")));
  ServerInfo info;
  info.version = text_at(build.get(), "version").value_or("?");
  info.replica_set = text_at(hello.get(), "setName").value_or("");
  info.primary = text_at(hello.get(), "primary").value_or("");
  if (text_at(hello.get(), "msg").value_or("") == "isdbgrid") {
    info.topology = Topology::kSharded;
  } else if (!info.replica_set.empty()) {
    info.topology = Topology::kReplicaSet;
  }
  return info;
}

Bson durable(Topology topology) {
  Bson concern;
  if (topology == Topology::kStandalone) {
    concern.put_int("w", 1).put_bool("j", true);
  } else {
    concern.put_text("w", "majority").put_bool("j", true).put_int("wtimeout", kMajorityMillis);
  }
  return std::move(Bson().put("writeConcern", concern));
}

}  // namespace penstock::mongo
