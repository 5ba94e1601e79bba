// First load, reload, added tables, sweep and re-reads: one mechanism (design 3.5). Chunks are read on
// sessions of their own while the stream flows, bracketed by markers in the WAL, and merged with what the
// stream brought between the markers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/checkpoint.h"
#include "model/event_batch.h"
#include "source/postgres/catalog.h"
#include "source/source.h"

namespace penstock::postgres {

inline constexpr const char* kMarkerPrefix = "penstock";

// Simpler forms of the hand-over between chunk and stream, each of which loses updates. For the test that
// shows it.
struct UnsafeForTest {
  bool any_snapshot = false;       // take the first snapshot, whatever it sees: low, read, high
  bool low_not_awaited = false;    // take the snapshot before the low marker has come in the stream
  bool window_not_merged = false;  // emit the rows as they were read
  bool added_not_awaited = false;  // do not wait for transactions older than the table's publication
};

struct LoaderOptions {
  std::string url;
  std::string publication;
  std::string run;       // unique to this process: markers of other runs are ignored
  unsigned readers = 2;  // chunks read at the same time, over all tables
  std::size_t chunk_rows = 20000;
  std::size_t chunk_bytes =
      8U << 20;  // a chunk is cut when its rows exceed this (the rest becomes the next chunk)
  std::size_t chunks_in_flight = 6;  // read or waiting for their commit in the sink
  UnsafeForTest unsafe_for_test;
};

// A table to be loaded, or one whose rows may be asked for by key.
struct TableLoad {
  TableDescription description;
  TableCheckpoint
      checkpoint;      // state kLoading: goes on after its done chunks; kSweeping; kLoaded: only re-reads
  bool added = false;  // joined the publication just now: its first low marker waits until all transactions
                       // that ran when the ALTER PUBLICATION committed have ended
};

// Threads: `readers` own threads, started by start(). The on_...() functions, take() and failure() are called
// by the stream's thread only, in stream order; the others by any thread.
class Loader {
 public:
  // `wake`: called by any thread when take() or failure() may have something new. It must not call the
  // loader.
  Loader(LoaderOptions options, std::function<void()> wake);
  ~Loader();  // stops and joins the readers
  void start();

  // Adds a table or replaces it (a new load_id starts its load anew; chunks of the old one are dropped).
  void add(TableLoad table);

  // --- the stream, in order. Cheap when no chunk is in flight.
  // A published transaction committed. Kept until a snapshot is known to see it.
  void on_commit(std::uint32_t xid);
  // A row change or truncate of a table (event.schema->table is the loaded table, or the root of a
  // partition).
  void on_change(const Event& event);
  // A transactional logical message with our prefix, called once its transaction's COMMIT has arrived and
  // on_commit was called.
  void on_marker(std::string_view content);
  // Batches to be handed on now, before anything that follows in the stream. Call after on_marker() and
  // whenever woken between two transactions. Range chunks and re-read chunks in order of their high markers;
  // LoadSteps. Null: none.
  EventBatchPtr take();
  // An error that must stop the source (a chunk cannot be read for a reason that a retry does not mend).
  Status failure();
  // The stream's connection was lost and re-made: nothing is missed, since the stream continues where it was.

  // --- answers from the sink
  void chunk_committed(const ChunkResult& chunk);
  void reread(std::vector<Reread> rows);
  void sweep_finished(const std::string& table);

  bool done() const;  // every table is kLoaded (its step handed out) and nothing is to be read again
  bool active(const std::string& table) const;  // some chunk of it is in flight or still to be read
  std::vector<LoadProgress> progress() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::postgres
