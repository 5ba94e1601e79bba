// What a sink keeps durably beside the documents: the position, how far each load is, and rows to read again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/lsn.h"
#include "model/places.h"
#include "model/position.h"

namespace penstock {

// A key as PostgreSQL prints its columns, in the order of `columns` of whoever carries it. Only PostgreSQL
// orders keys (collations!); here they are compared for equality at most.
using KeyText = std::vector<std::string>;

// Rows with from < key <= to, by PostgreSQL's order. No `from`: from the first row.
struct DoneChunk {
  std::uint64_t number = 0;
  std::optional<KeyText> from;
  KeyText to;
  std::uint64_t rows = 0;
};

// A key whose document must be fetched anew from PostgreSQL: an update arrived without its TOAST values and
// the document was not there, or the sweep after a reload asks whether the row still exists.
struct Reread {
  std::string table;
  std::vector<std::string> columns;  // names of the columns that `key` gives values for
  KeyText key;
  Lsn since;  // `wait` for this LSN or a later one is not answered before the key is read again
  std::string
      id;  // the sink's own handle of the stored request (opaque; equal for equal keys); empty: not stored
  std::string token = {};  // the sink's own: which request for dead letters it answers; empty: none
  // From a sweep: answer only if the row does not exist.
  bool only_absent = false;
};

enum class LoadState : std::uint8_t { kPending, kLoading, kSweeping, kLoaded };

struct TableCheckpoint {
  std::string table;  // to_string(TableName)
  LoadState state = LoadState::kPending;
  std::uint64_t load_id = 0;     // rises by one with each load of the table
  std::string fingerprint;       // table shape, publication and definitions that the load was made with
  bool sweep = false;            // documents without a row may exist: after the chunks, ask for every _id
  std::optional<KeyText> upper;  // the greatest key when the load began; none: the table was empty
  std::uint64_t estimated_rows = 0;
  std::vector<DoneChunk> done;  // filled when a checkpoint is read; stored one by one with their chunk
  std::string problem;  // why nothing of it is captured now: dropped, renamed, not published; empty: it is
};

// Which server and publication the position belongs to (design 3.4).
struct SourceIdentity {
  std::uint64_t system_identifier = 0;
  std::uint32_t timeline = 0;
  std::string slot;
  std::string publication;  // fingerprint: OIDs, row filters, column lists, publish
};

// What somebody else who read the slot before us had written beyond the position (penstock capture
// --take-over).
struct WrittenBefore {
  std::uint32_t transaction = 0;  // its changes up to `lsn` are written; 0: none of a later transaction is
  Lsn lsn;                        // where the newest of them stands in the WAL
  std::optional<std::uint64_t> rows;  // rows inserted by the record at `lsn` that are written; none: all
  bool message = false;               // the newest is a logical message: a row at the same LSN comes after it
  std::set<std::string> tables;       // written as they were: they need no first load
};

// Documents of read models that the stream's position does not cover yet.
struct PendingDocuments {
  // The oldest commit whose documents are not all written (a fan-out under way, a collection being built):
  // `wait` for it or a later one is not answered.
  std::optional<Lsn> since;
  std::vector<std::string> building;  // collections being built, by name
  bool operator==(const PendingDocuments&) const = default;
};

// What workers that share a pipeline's partitions have applied to its plain collections
// (docs/apply-workers.md).
struct SharedPlaces {
  struct Share {
    std::optional<Place> place;  // nothing: not begun
    std::string worker;          // "host:pid" of whoever took it over last; empty: nobody yet
    std::int64_t since_millis = 0;
    // Of tasks that keep read models (docs/spark.md): what comes before this offset is in their documents.
    std::optional<std::int64_t> settled = {};
  };
  std::string slot;  // SourceIdentity::slot; empty: nothing is applied yet
  std::map<PartitionId, Share> partitions;
  std::vector<Reread> rereads;
};

struct Checkpoint {
  bool exists = false;  // false: a pipeline that never ran
  std::uint64_t epoch = 0;
  Position position;
  Places places;  // of a source made of partitions
  // Where the projector's state stands among them: at or before `places`. None: no state is kept. The sink
  // does not know it.
  std::optional<Places> state_places;
  std::optional<SharedPlaces> shared;  // then `places`, `tables` and `rereads` are those of read models
  SourceIdentity source;
  WrittenBefore written;
  std::map<std::string, TableCheckpoint> tables;
  std::vector<Reread> rereads;
  PendingDocuments pending;
  // `penstock resync` of the whole pipeline was asked for: gaps and divergence are accepted, every table is
  // loaded anew.
  bool restart = false;
  // Collections that hold documents: their first load ends with a sweep.
  std::set<std::string> occupied;
};

}  // namespace penstock
