// Three latencies at a steady rate of commits, in milliseconds, one line each of all samples:
//   message   PostgreSQL's COMMIT has returned -> its pgoutput COMMIT message is here
//   insert    one raw transaction with a document and a position, w:majority
//   document  COMMIT has returned -> the document is readable with read concern majority
// usage: bench_latency POSTGRES SLOT PUBLICATION MONGODB DATABASE COLLECTION COUNT RATE [FIELD]
// FIELD: the document's _id is { FIELD: id }, as MongoDB's sink writes it.
// The table is public.ping (id int PRIMARY KEY, t text), which penstock copies to COLLECTION meanwhile.
#include <libpq-fe.h>
#include <mongoc/mongoc.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "bench_latency: %s\n", what);
  std::exit(1);
}

double millis_between(Clock::time_point from, Clock::time_point to) {
  return std::max(0.0, std::chrono::duration<double, std::milli>(to - from).count());
}

PGconn* connect(const std::string& url) {
  PGconn* connection = PQconnectdb(url.c_str());
  if (PQstatus(connection) != CONNECTION_OK) die(PQerrorMessage(connection));
  return connection;
}

void execute(PGconn* connection, const std::string& statement) {
  PGresult* result = PQexec(connection, statement.c_str());
  const auto status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_BOTH) {
    die(PQerrorMessage(connection));
  }
  PQclear(result);
}

// Reads a slot of its own and notes when each COMMIT message comes.
class Listener {
 public:
  Listener(const std::string& url, const std::string& slot, const std::string& publication) {
    connection_ = connect(url + (url.find('?') == std::string::npos ? "?" : "&") + "replication=database");
    execute(connection_, "START_REPLICATION SLOT " + slot +
                             " LOGICAL 0/0 (proto_version '1', publication_names '" + publication + "')");
    std::thread([this] { listen(); }).detach();
  }

  Clock::time_point wait_for_commit(std::size_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return commits_.size() > number; });
    return commits_[number];
  }

 private:
  void listen() {
    char* buffer = nullptr;
    int size = 0;
    // A message is 'w', three 8-byte numbers, and what pgoutput says: 'C' begins a Commit. A keepalive is
    // 'k', two of them, and whether an answer is asked for: without one the walsender ends after
    // wal_sender_timeout.
    while ((size = PQgetCopyData(connection_, &buffer, 0)) > 0) {
      if (size == 18 && buffer[0] == 'k' && buffer[17] != 0) answer();
      if (size > 25 && buffer[0] == 'w' && buffer[25] == 'C') {
        const auto now = Clock::now();
        const std::scoped_lock lock(mutex_);
        commits_.push_back(now);
        changed_.notify_one();
      }
      PQfreemem(buffer);
    }
    die("the walsender of the listener has ended: no latency of a message can be told any more");
  }

  // 'r': nothing written, flushed or applied, at no time, and no answer is asked for.
  void answer() {
    const std::string status = 'r' + std::string(33, '\0');
    if (PQputCopyData(connection_, status.data(), static_cast<int>(status.size())) != 1 ||
        PQflush(connection_) != 0)
      die(PQerrorMessage(connection_));
  }

  PGconn* connection_ = nullptr;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Clock::time_point> commits_;
};

// Commits at a steady rate, however long their documents take, and notes when each COMMIT has returned.
class Commits {
 public:
  Commits(PGconn* connection, int count, Clock::duration pause) {
    std::thread([this, connection, count, pause] {
      auto next = Clock::now();
      for (int i = 0; i < count; ++i) {
        std::this_thread::sleep_until(next += pause);
        execute(connection,
                "INSERT INTO ping VALUES (" + std::to_string(i) + ", 'a text of the usual size')");
        const std::scoped_lock lock(mutex_);
        times_.push_back(Clock::now());
        changed_.notify_one();
      }
    }).detach();
  }

  Clock::time_point wait_for(std::size_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return times_.size() > number; });
    return times_[number];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Clock::time_point> times_;
};

// MongoDB's side: reads with majority, and raw transactions like the sink's.
class Documents {
 public:
  Documents(const std::string& uri, const std::string& database, const std::string& collection) {
    client_ = mongoc_client_new(uri.c_str());
    collection_ = mongoc_client_get_collection(client_, database.c_str(), collection.c_str());
    mongoc_read_concern_t* majority = mongoc_read_concern_new();
    mongoc_read_concern_set_level(majority, MONGOC_READ_CONCERN_LEVEL_MAJORITY);
    mongoc_collection_set_read_concern(collection_, majority);
    mongoc_read_concern_destroy(majority);
    raw_ = mongoc_client_get_collection(client_, database.c_str(), "raw");
    positions_ = mongoc_client_get_collection(client_, database.c_str(), "raw_positions");
    bson_error_t error{};
    mongoc_write_concern_t* durable = mongoc_write_concern_new();
    mongoc_write_concern_set_wmajority(durable, 0);
    mongoc_transaction_opt_t* transaction = mongoc_transaction_opts_new();
    mongoc_transaction_opts_set_write_concern(transaction, durable);
    mongoc_session_opt_t* options = mongoc_session_opts_new();
    mongoc_session_opts_set_default_transaction_opts(options, transaction);
    session_ = mongoc_client_start_session(client_, options, &error);
    mongoc_session_opts_destroy(options);
    mongoc_transaction_opts_destroy(transaction);
    mongoc_write_concern_destroy(durable);
    if (session_ == nullptr) die(error.message);
    bson_t* position = BCON_NEW("_id", BCON_INT32(1), "n", BCON_INT32(-1));
    mongoc_collection_insert_one(raw_, position, nullptr, nullptr, &error);  // makes the collections
    mongoc_collection_insert_one(positions_, position, nullptr, nullptr, &error);
    bson_destroy(position);
  }

  bool is_there(int id, const char* field) {
    bson_t* filter =
        field == nullptr ? BCON_NEW("_id", BCON_INT32(id)) : BCON_NEW("_id", "{", field, BCON_INT32(id), "}");
    mongoc_cursor_t* cursor = mongoc_collection_find_with_opts(collection_, filter, nullptr, nullptr);
    const bson_t* document = nullptr;
    const bool found = mongoc_cursor_next(cursor, &document);
    mongoc_cursor_destroy(cursor);
    bson_destroy(filter);
    return found;
  }

  void insert_in_transaction(int number) {
    bson_error_t error{};
    bson_t options = BSON_INITIALIZER;
    if (!mongoc_client_session_start_transaction(session_, nullptr, &error)) die(error.message);
    if (!mongoc_client_session_append(session_, &options, &error)) die(error.message);
    bson_t* document = BCON_NEW("_id", BCON_INT32(number + 1000), "t", BCON_UTF8("a text of the usual size"));
    bson_t* filter = BCON_NEW("_id", BCON_INT32(1), "n", BCON_INT32(number - 1));
    bson_t* update = BCON_NEW("$set", "{", "n", BCON_INT32(number), "}");
    if (!mongoc_collection_insert_one(raw_, document, &options, nullptr, &error)) die(error.message);
    if (!mongoc_collection_update_one(positions_, filter, update, &options, nullptr, &error))
      die(error.message);
    if (!mongoc_client_session_commit_transaction(session_, nullptr, &error)) die(error.message);
    for (bson_t* each : {document, filter, update}) bson_destroy(each);
    bson_destroy(&options);
  }

 private:
  mongoc_client_t* client_ = nullptr;
  mongoc_collection_t* collection_ = nullptr;
  mongoc_collection_t* raw_ = nullptr;
  mongoc_collection_t* positions_ = nullptr;
  mongoc_client_session_t* session_ = nullptr;
};

void print(const char* name, const std::vector<double>& samples) {
  std::printf("%s", name);
  for (const double sample : samples) std::printf(" %.4f", sample);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 9 && argc != 10)
    die("usage: bench_latency POSTGRES SLOT PUBLICATION MONGODB DATABASE COLLECTION COUNT RATE [FIELD]");
  const char* field = argc == 10 ? argv[9] : nullptr;
  mongoc_init();
  PGconn* writer = connect(argv[1]);
  Listener listener(argv[1], argv[2], argv[3]);
  Documents documents(argv[4], argv[5], argv[6]);
  const int count = std::atoi(argv[7]);
  const auto pause =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1.0 / std::atof(argv[8])));

  std::vector<double> message;
  std::vector<double> insert;
  std::vector<double> document;
  Commits commits(writer, count, pause);
  for (int i = 0; i < count; ++i) {
    const auto committed = commits.wait_for(static_cast<std::size_t>(i));
    while (!documents.is_there(i, field)) std::this_thread::sleep_for(std::chrono::microseconds(100));
    document.push_back(millis_between(committed, Clock::now()));
    message.push_back(millis_between(committed, listener.wait_for_commit(static_cast<std::size_t>(i))));
    // Half-way to the next commit: after the same rest as the writer of documents has had, and not warm from
    // the reads above. Where documents take longer than that there is no such moment.
    if (Clock::now() > committed + pause / 2) continue;
    std::this_thread::sleep_until(committed + pause / 2);
    const auto began = Clock::now();
    documents.insert_in_transaction(static_cast<int>(insert.size()));
    insert.push_back(millis_between(began, Clock::now()));
  }
  print("message", message);
  print("insert", insert);
  print("document", document);
  std::fflush(stdout);
  std::_Exit(0);  // the listener's thread sits in libpq
}
