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

// Where Kafka is, of a pipeline whose changes come from there.
struct BrokerOptions {
  std::string brokers;                // instead of the file's
  std::vector<std::string> settings;  // "name=value" of librdkafka's
};

struct CheckOptions {
  BrokerOptions kafka;
  bool offline = false;
  bool explain = false;
};

struct PreviewOptions {
  std::string collection;
  std::vector<std::string> key;  // one text for each column of the key; empty: the first row
};

struct StatusOptions {
  BrokerOptions kafka;
  bool json = false;
};

struct WaitOptions {
  BrokerOptions kafka;
  Lsn lsn;
  std::chrono::milliseconds timeout{10000};
};

struct SampleOptions {
  std::string postgres;     // URL of a role that may write; its database is replaced by the pipeline's
  double rate = 10;         // transactions a second; 0: as fast as it goes
  std::uint64_t count = 0;  // transactions in all; 0: until stopped
  std::uint64_t seed = 0;   // 0: another stream every time
};

// Which capture a command is for.
struct CaptureTarget {
  BrokerOptions kafka;
  bool chosen = false;        // --capture, or a connector file
  std::string pipeline_file;  // or a connector file
  std::string connector;      // path
};

struct CaptureOptions {
  CaptureTarget target;
  std::string take_over;  // offsets of the Debezium connector whose place it takes: a file, or topic:NAME
  bool offsets = false;   // only print the offset with which Debezium goes on
  bool until_current = false;
};

struct ApplyOptions {
  BrokerOptions kafka;
  bool until_current = false;
  bool accept_gap = false;      // begin with topics whose oldest records are gone
  std::string adopt;            // the consumer group to begin at the offsets of; empty: at the beginning
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
  BrokerOptions kafka;
  bool repair = false;
  bool json = false;
  double sample_percent = 100;           // of the documents
  std::vector<std::string> collections;  // empty: all
  std::size_t limit = 20;                // differences to show
  std::string folder;                    // for temporary files; empty: $TMPDIR or /tmp
};

struct DeadLetterOptions {
  enum class Action { kList, kRetry, kDrop };
  Action action = Action::kList;
  std::string collection;        // empty: all
  std::vector<std::string> ids;  // as `list` names letters
  bool all = false;
  std::size_t limit = 20;  // letters to show; 0: all
  bool json = false;
  bool yes = false;
  std::chrono::milliseconds timeout{30000};
};

struct ReplayOptions {
  BrokerOptions kafka;
  std::string collection;
  std::string into;              // empty: <collection>_replay
  std::vector<std::string> key;  // one text for each part of `_id`; empty: every document
  std::string as_of;             // an LSN or a time; empty: the end
  std::string folder;            // for temporary files; empty: $TMPDIR or /tmp
};

struct SchemaOptions {
  bool markdown = false;   // docs/configuration.md instead of the JSON Schema
  bool connector = false;  // what becomes of a connector file's settings, as in docs/debezium.md
};

}  // namespace penstock::app
