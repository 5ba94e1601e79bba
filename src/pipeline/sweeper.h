// After a reload: asks PostgreSQL for every document's key, so that documents without a row go away.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "model/document_write.h"
#include "pipeline/leg_state.h"
#include "sink/document_sink.h"
#include "source/source.h"

namespace penstock {

// Its thread reads pages of `_id`s and hands them to the source as re-reads; the answers come back through
// the stream's order as chunks. Memory: one page.
class Sweeper {
 public:
  Sweeper(Source& source, DocumentSink& sink, LegState& state);
  ~Sweeper();

  void know(const std::string& table, std::vector<const DocumentShape*> shapes);  // before begin()
  void begin(const std::string& table);
  void answered(const ChunkResult& chunk);
  void stop();

 private:
  void run(std::stop_token stop);
  Status sweep(const std::string& table, std::stop_token stop);
  Status sweep_collection(const DocumentShape& shape, std::stop_token stop);

  Source& source_;
  DocumentSink& sink_;
  LegState& state_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, std::vector<const DocumentShape*>> shapes_;
  std::deque<std::string> tables_;
  std::size_t asked_ = 0;  // keys of the page that are not yet answered
  std::jthread thread_;
};

}  // namespace penstock
