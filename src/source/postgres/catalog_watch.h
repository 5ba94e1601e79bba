// Compares the catalog now and then, on a thread and session of its own (design 3.6: changes that send no
// rows).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "source/postgres/catalog.h"
#include "source/postgres/postgres_source.h"

namespace penstock::postgres {

class CatalogWatch {
 public:
  // What one look found: descriptions by to_string(TableName). Tables that could not be described are left
  // out.
  struct Look {
    std::vector<TableDescription> tables;
    std::set<std::uint32_t> empty_leaves;  // partitions without a row, of tables whose partitions changed
  };

  // `wake` is called, by the watch's thread, when a look is ready.
  CatalogWatch(const SourceOptions& options, std::function<void()> wake);
  ~CatalogWatch();

  void look_now();               // any thread: do not wait for the interval
  std::unique_ptr<Look> take();  // any thread: the newest look, once

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::postgres
