// The JSON that penstock_open() is given beside the pipeline file.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock::library {

// As src/library/penstock.h says.
struct OpenOptions {
  std::string file = "pipeline.yaml";
  std::optional<std::string> connector;
  std::optional<std::map<std::string, std::string>> environment;
  std::string brokers;
  std::map<std::string, std::string> kafka;
  std::vector<std::string> collections;
  bool skip_truncates = false;
  bool take_over = false;
  bool accept_gap = false;
  bool clear = false;
  std::string stream_generation;   // empty: the one in force
  std::string kept_generation;     // likewise
  std::chrono::seconds outage{0};  // zero: for ever
};

// kUsage: no JSON, an option that there is none of, or a value of another kind.
Result<OpenOptions> parse_options(std::string_view json);

// What parse_options() reads again.
std::string to_json(const OpenOptions& options);

}  // namespace penstock::library
