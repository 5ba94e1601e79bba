// PostgreSQL as the source of a leg: logical replication through pgoutput, with first load and reload (design
// 3).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/table_schema.h"
#include "source/source.h"

namespace penstock::postgres {

struct TableSelection {
  TableName table;
  std::vector<std::string> key;          // the pipeline's `key:`; empty: primary key
  std::vector<std::string> collections;  // made from it
  std::string definition;                // of these collections; a difference reloads the table
  // The identity of the local state that keeps its rows: a difference reloads the table. Asked at open().
  // None: no state does.
  std::function<std::string()> state = {};
};

// The definition with the state's identity.
inline std::string definition_of(const TableSelection& selection) {
  return selection.state ? selection.definition + "state " + selection.state() : selection.definition;
}

struct SourceOptions {
  std::string url;
  std::string slot;
  std::string publication;
  bool create_publication = true;  // where it is missing and the role may
  std::vector<TableSelection> tables;
  // Which tables are taken that come into the publication later; none: those of `tables` alone are.
  std::function<bool(const TableName&)> follow = {};
  bool keyless = false;   // tables without a key are taken: who follows must not need one
  bool messages = false;  // those of pg_logical_emit_message are passed on
  // A slot that somebody else reads or has read is not taken without a stored position: `take_over` says how
  // to take one.
  std::string take_over;
  bool load_nothing = false;  // new tables count as loaded: only what the stream brings
  unsigned load_readers = 2;
  std::size_t chunk_rows = 20000;
  std::size_t chunk_bytes = 4U << 20;
  std::chrono::milliseconds catalog_interval{10000};  // how often the catalog is compared (design 3.6)
};

std::unique_ptr<Source> make_source(SourceOptions options);

}  // namespace penstock::postgres
