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

struct SchemaOptions {
  bool markdown = false;  // docs/configuration.md instead of the JSON Schema
};

}  // namespace penstock::app
