// MongoDB as the end of a leg: one transaction per group with its position inside it (design 3.2, 3.3).
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sink/document_sink.h"

namespace penstock::mongo {

struct IndexOptions {
  std::string name;  // empty: made from the keys, as MongoDB does
  std::vector<std::pair<std::string, std::string>>
      keys;                  // field -> "1", "-1", "text", "hashed", "2dsphere", ...
  std::string options_json;  // further options of createIndexes: {"sparse": true}; or empty
};

struct CollectionOptions {
  std::string name;
  std::vector<IndexOptions> indexes;
  bool built_beside = false;   // a read model: it comes into being when it is published (WriteGroup::publish)
  bool keep_previous = false;  // the collection that it replaces is kept as previous_name()
};

class Clients;

struct Options {
  std::string uri;
  std::shared_ptr<Clients> clients;  // of the same URI, for several sinks of a process; null: its own
  std::string database;
  std::string pipeline;           // names the state documents
  bool from_topics = false;       // groups bring places of partitions (WriteGroup::places)
  bool shared = false;            // workers (worker/worker_sink.h) write the plain collections
  bool dead_letters = false;      // park what cannot be written instead of stopping
  bool allow_standalone = false;  // `delivery: idempotent`: without transactions, on a server that has none
  unsigned chunk_lanes = 2;
  std::vector<CollectionOptions> collections;
  // By to_string(TableName): the collections whose documents are made from its rows or show them.
  std::map<std::string, std::vector<std::string>> made_from;
  bool ends_with_process = false;  // the process ends after the sink: saves half a second
  // What an earlier run of this pipeline left goes when this one takes over: its state and the collections.
  bool begins_anew = false;
  std::size_t clear_in_group = 5000;  // a TRUNCATE of more documents is carried out in steps before its group
};

// For Options::clients. No I/O. kConfiguration when the URI cannot be read.
Result<std::shared_ptr<Clients>> open_clients(const Options& options);

// Reads the URI (kConfiguration; never shows a password) and connects once: kMongoUnavailable, kMongoRefused,
// and kConfiguration for a standalone server that was not allowed. Writes nothing. The result's stage() may
// be called from any thread, the other calls as document_sink.h says.
Result<std::unique_ptr<DocumentSink>> make_sink(Options options);

// Names of the state collections, beside the pipeline's own in the same database.
inline constexpr const char* kPositions = "penstock_positions";       // lanes and the lease
inline constexpr const char* kTables = "penstock_tables";             // how far each table's load is
inline constexpr const char* kChunks = "penstock_chunks";             // finished chunks of loads under way
inline constexpr const char* kRereads = "penstock_rereads";           // rows to be read again
inline constexpr const char* kDeadLetters = "penstock_dead_letters";  // records of no known collection
inline constexpr const char* kOffsets = "penstock_offsets";           // of topics: what is applied
std::string dead_letter_collection(const std::string& collection);    // <collection>_dead_letters
std::string previous_name(const std::string& collection);             // penstock_previous_<collection>

}  // namespace penstock::mongo
