// How fast libmongoc alone inserts given documents: each batch one transaction, w:majority, one or more
// writers. usage: bench_raw_insert URI DATABASE SOURCE TARGET WRITERS BATCH [replace]   prints "DOCUMENTS
// BYTES SECONDS". The documents of SOURCE are read into memory first; TARGET is dropped and created anew.
// Only the inserts are timed; with `replace` they are not, but the replacing of each document by itself is.
#include <mongoc/mongoc.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Document {
  bson_t* bson = nullptr;
};

[[noreturn]] void die(const bson_error_t& error) {
  std::fprintf(stderr, "bench_raw_insert: %s\n", error.message);
  std::exit(1);
}

struct Job {
  std::string uri;
  std::string database;
  std::string source;
  std::string target;
  std::size_t writers = 1;
  std::size_t batch = 1000;
  bool replaces = false;
};

std::vector<Document> read_documents(mongoc_client_t* client, const Job& job) {
  std::vector<Document> documents;
  mongoc_collection_t* collection =
      mongoc_client_get_collection(client, job.database.c_str(), job.source.c_str());
  bson_t* filter = bson_new();
  mongoc_cursor_t* cursor = mongoc_collection_find_with_opts(collection, filter, nullptr, nullptr);
  const bson_t* document = nullptr;
  while (mongoc_cursor_next(cursor, &document)) documents.push_back({bson_copy(document)});
  bson_error_t error{};
  if (mongoc_cursor_error(cursor, &error)) die(error);
  mongoc_cursor_destroy(cursor);
  bson_destroy(filter);
  mongoc_collection_destroy(collection);
  return documents;
}

void recreate_target(mongoc_client_t* client, const Job& job) {
  mongoc_database_t* database = mongoc_client_get_database(client, job.database.c_str());
  mongoc_collection_t* old = mongoc_database_get_collection(database, job.target.c_str());
  mongoc_collection_drop(old, nullptr);  // fails when it is not there
  mongoc_collection_destroy(old);
  bson_error_t error{};
  mongoc_collection_t* made =
      mongoc_database_create_collection(database, job.target.c_str(), nullptr, &error);
  if (made == nullptr) die(error);
  mongoc_collection_destroy(made);
  mongoc_database_destroy(database);
}

void add(mongoc_bulk_operation_t* bulk, const bson_t* document, bool replaces) {
  if (!replaces) return mongoc_bulk_operation_insert(bulk, document);
  bson_t selector = BSON_INITIALIZER;
  bson_iter_t id;
  if (bson_iter_init_find(&id, document, "_id")) bson_append_iter(&selector, "_id", 3, &id);
  mongoc_bulk_operation_replace_one(bulk, &selector, document, false);
  bson_destroy(&selector);
}

void write_batch(mongoc_client_session_t* session, mongoc_collection_t* collection, const Document* first,
                 std::size_t count, bool replaces) {
  bson_error_t error{};
  if (!mongoc_client_session_start_transaction(session, nullptr, &error)) die(error);
  bson_t options = BSON_INITIALIZER;
  if (!mongoc_client_session_append(session, &options, &error)) die(error);
  BSON_APPEND_BOOL(&options, "ordered", false);
  mongoc_bulk_operation_t* bulk = mongoc_collection_create_bulk_operation_with_opts(collection, &options);
  for (std::size_t i = 0; i < count; ++i) add(bulk, first[i].bson, replaces);
  bson_t reply;
  if (mongoc_bulk_operation_execute(bulk, &reply, &error) == 0) die(error);
  bson_destroy(&reply);
  mongoc_bulk_operation_destroy(bulk);
  bson_destroy(&options);
  if (!mongoc_client_session_commit_transaction(session, nullptr, &error)) die(error);
}

void write_batches(const Job& job, const std::vector<Document>& documents, std::atomic<std::size_t>& next,
                   bool replaces) {
  mongoc_client_t* client = mongoc_client_new(job.uri.c_str());
  mongoc_write_concern_t* majority = mongoc_write_concern_new();
  mongoc_write_concern_set_wmajority(majority, 0);
  mongoc_transaction_opt_t* transaction = mongoc_transaction_opts_new();
  mongoc_transaction_opts_set_write_concern(transaction, majority);
  mongoc_session_opt_t* options = mongoc_session_opts_new();
  mongoc_session_opts_set_default_transaction_opts(options, transaction);
  bson_error_t error{};
  mongoc_client_session_t* session = mongoc_client_start_session(client, options, &error);
  if (session == nullptr) die(error);
  mongoc_collection_t* collection =
      mongoc_client_get_collection(client, job.database.c_str(), job.target.c_str());
  for (std::size_t at = next.fetch_add(job.batch); at < documents.size(); at = next.fetch_add(job.batch)) {
    write_batch(session, collection, documents.data() + at, std::min(job.batch, documents.size() - at),
                replaces);
  }
  mongoc_collection_destroy(collection);
  mongoc_client_session_destroy(session);
  mongoc_session_opts_destroy(options);
  mongoc_transaction_opts_destroy(transaction);
  mongoc_write_concern_destroy(majority);
  mongoc_client_destroy(client);
}

double timed(const Job& job, const std::vector<Document>& documents, bool replaces) {
  std::atomic<std::size_t> next{0};
  const auto began = Clock::now();
  {
    std::vector<std::jthread> writers;
    for (std::size_t i = 0; i < job.writers; ++i) {
      writers.emplace_back([&] { write_batches(job, documents, next, replaces); });
    }
  }
  return std::chrono::duration<double>(Clock::now() - began).count();
}

}  // namespace

int main(int argc, char** argv) {
  const bool replaces = argc == 8 && std::string(argv[7]) == "replace";
  if (argc != 7 && !replaces) {
    std::fprintf(stderr, "usage: bench_raw_insert URI DATABASE SOURCE TARGET WRITERS BATCH [replace]\n");
    return 2;
  }
  const Job job{argv[1], argv[2], argv[3], argv[4], std::stoul(argv[5]), std::stoul(argv[6]), replaces};
  mongoc_init();
  mongoc_client_t* client = mongoc_client_new(job.uri.c_str());
  const std::vector<Document> documents = read_documents(client, job);
  recreate_target(client, job);
  std::size_t bytes = 0;
  for (const Document& document : documents) bytes += document.bson->len;
  double seconds = timed(job, documents, false);
  if (job.replaces) {
    // By others: a document replaced by an equal one costs the server next to nothing.
    for (const Document& document : documents) BSON_APPEND_INT32(document.bson, "replaced", 1);
    seconds = timed(job, documents, true);
  }
  std::printf("%zu %zu %.3f\n", documents.size(), bytes, seconds);
  mongoc_client_destroy(client);
  return 0;
}
