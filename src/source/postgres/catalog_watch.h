// Compares the catalog now and then, on a thread and session of its own (design 3.6: changes that send no
// rows).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "source/postgres/catalog.h"
#include "source/postgres/postgres_source.h"

namespace penstock::postgres {

class CatalogWatch {
 public:
  // What one look found. Tables that could not be described for now are left out.
  struct Look {
    std::vector<TableDescription> tables;         // also those to be followed from now on
    std::map<std::string, std::string> problems;  // why nothing comes of a table, by to_string(TableName)
    std::set<std::uint32_t> empty_leaves;  // partitions without a row, of tables whose partitions changed
  };

  // `wake` is called, by the watch's thread, when a look is ready. `oids`: of the tables, by name.
  CatalogWatch(const SourceOptions& options, std::map<std::string, std::uint32_t> oids,
               std::function<void()> wake);
  ~CatalogWatch();

  void look_now();               // any thread: do not wait for the interval
  std::unique_ptr<Look> take();  // any thread: the newest look, once

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::postgres
