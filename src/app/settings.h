// The pipeline file (docs/configuration.md), read and checked as far as that goes without a server.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/settings/yaml_node.h"
#include "base/result.h"
#include "model/table_schema.h"
#include "projection/spec.h"

namespace penstock::app {

enum class Delivery { kExactlyOnce, kIdempotent };
enum class OnBadRow { kStop, kDeadLetter };

struct SourceSettings {
  std::string postgres;   // URI or conninfo
  std::string connector;  // path of a Debezium connector file that says the others; empty: none
  std::string slot;
  std::string publication;
  bool create_publication = true;  // whether run and load may create a missing publication
  std::chrono::seconds catalog_interval{};
};

struct SinkSettings {
  std::string mongodb;
  std::string database;
  Delivery delivery = Delivery::kExactlyOnce;
};

struct LoadSettings {
  unsigned readers = 0;  // chunks read from PostgreSQL at the same time
  unsigned writers = 0;  // lanes that write chunks to MongoDB
  std::size_t chunk_rows = 0;
  std::size_t chunk_bytes = 0;
};

struct GroupSettings {  // bounds of one MongoDB transaction
  std::size_t rows = 0;
  std::size_t bytes = 0;
};

struct KafkaSettings {
  std::string brokers;  // empty: none given
  std::string prefix;
  std::string delimiter = ".";                // between prefix, schema and table
  bool share = false;                         // apply: several workers share the partitions
  std::map<std::string, std::string> events;  // Debezium's settings that say how values are written
  std::vector<std::pair<std::string, std::string>> settings;  // librdkafka's own
};

struct JournalSettings {
  bool on = false;
  std::string folder;
  std::chrono::seconds keep{};
  std::size_t keep_bytes = 0;
};

struct IndexSettings {
  std::string name;  // empty: MongoDB makes one from the keys
  std::vector<std::pair<std::string, std::string>>
      keys;                  // field -> "1", "-1", "text", "hashed", "2d", "2dsphere"
  std::string options_json;  // further options of MongoDB's createIndexes: {"sparse": true}; {} for none
  int line = 0;
};

struct CollectionSettings {
  CollectionSpec spec;
  std::vector<IndexSettings> indexes;
};

struct Settings {
  std::string file;
  std::string pipeline;
  std::string state;            // local state directory
  std::size_t state_cache = 0;  // bytes
  bool keep_previous = false;   // of a read model that was built anew
  OnBadRow errors = OnBadRow::kStop;
  SourceSettings source;
  SinkSettings sink;
  LoadSettings load;
  GroupSettings groups;
  JournalSettings journal;
  KafkaSettings kafka;
  std::vector<CollectionSettings> collections;  // at least one, in the order of the file

  // Every table that a collection reads, each once, in the order of the file.
  struct Table {
    TableName name;
    std::vector<std::string> key;          // named in the pipeline; empty: the primary key
    std::vector<std::string> collections;  // that are made from its rows or show them
    bool mirrored = false;                 // one of these is no plain collection: its rows are kept
  };
  std::vector<Table> tables() const;
  bool reads_models() const;  // whether a collection is no plain one
};

// kConfiguration with file, line and column on the first thing that is wrong.
Result<Settings> load_settings(const std::string& path, const Environment& environment = process_environment);
Result<Settings> parse_settings(const std::string& text, const std::string& file,
                                const Environment& environment = process_environment);

}  // namespace penstock::app
