// What the command line asks of each command.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/lsn.h"

namespace penstock::app {

struct SetupOptions {
  std::string admin;  // URL of a role that may create databases and roles; empty: the pipeline's own
  bool create_database = false;
  std::string sql;  // path of a file to run first inside the database; empty: none
};

struct InitOptions {
  std::string from;  // URL of the database
};

struct CheckOptions {
  bool offline = false;
  bool explain = false;
};

struct PreviewOptions {
  std::string collection;
  std::vector<std::string> key;  // one text for each column of the key; empty: the first row
};

struct StatusOptions {
  bool json = false;
};

struct WaitOptions {
  Lsn lsn;
  std::chrono::milliseconds timeout{10000};
};

struct SampleOptions {
  std::string postgres;     // URL of a role that may write; its database is replaced by the pipeline's
  double rate = 10;         // transactions a second; 0: as fast as it goes
  std::uint64_t count = 0;  // transactions in all; 0: until stopped
  std::uint64_t seed = 0;   // 0: another stream every time
};

struct CaptureOptions {
  std::string pipeline_file;          // or a connector file
  std::string connector;              // path
  std::string brokers;                // instead of the file's
  std::vector<std::string> settings;  // "name=value" of librdkafka's
  bool until_current = false;
};

struct ApplyOptions {
  std::string brokers;                // instead of the file's
  std::vector<std::string> settings;  // "name=value" of librdkafka's
  bool until_current = false;
  bool accept_gap = false;  // begin with topics whose oldest records are gone
  bool skip_truncates = false;  // shared: a TRUNCATE of a topic with several partitions is left out
};

struct TeardownOptions {
  bool yes = false;
  std::string admin;
};

struct ResyncOptions {
  std::vector<std::string> tables;  // schema.table; empty: all of the pipeline
};

struct RebuildOptions {
  std::string collection;
};

struct VerifyOptions {
  bool repair = false;
  bool json = false;
  double sample_percent = 100;           // of the documents
  std::vector<std::string> collections;  // empty: all
  std::size_t limit = 20;                // differences to show
  std::string folder;                    // for temporary files; empty: $TMPDIR or /tmp
};

struct SchemaOptions {
  bool markdown = false;   // docs/configuration.md instead of the JSON Schema
  bool connector = false;  // what becomes of a connector file's settings, as in docs/debezium.md
};

}  // namespace penstock::app
