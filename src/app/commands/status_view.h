// What `status` shows, gathered from both sides, and its two forms.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/apply/topics_view.h"
#include "journal/replay_plan.h"
#include "model/checkpoint.h"
#include "sink/mongo/reader.h"
#include "source/postgres/catalog.h"

namespace penstock::app {

// What the journal holds, and since when it is complete for each table.
struct JournalView {
  std::string folder;
  std::uint64_t bytes = 0;
  std::uint64_t segments = 0;
  Lsn from;
  std::int64_t from_micros = 0;
  Lsn to;
  // By table; nothing: not complete.
  std::map<std::string, std::optional<journal::Completeness>> tables;
};

struct StatusView {
  struct Table {
    std::string name;
    std::string state;                 // pending, loading, sweeping, loaded, shared (among workers)
    std::uint64_t rows = 0;            // read so far by a load under way
    std::uint64_t estimated_rows = 0;  // when it began
    std::string problem = {};          // why nothing of it is captured now; empty: it is
  };
  struct Topic {
    std::string name;
    bool exists = false;
    int partitions = 0;
    std::uint64_t records = 0;  // about
  };
  struct Trouble {
    std::string message;  // empty: none
    std::string remedy;
    std::int64_t since_millis = 0;  // since 1970 UTC
  };
  struct Collection {
    std::string name;
    std::uint64_t documents = 0;
    std::uint64_t dead_letters = 0;
  };

  bool is_capture = false;
  std::string pipeline;  // or the capture's name
  std::string phase;     // "never ran", "resync requested", "loading", "building", "streaming"
  Position position;
  std::int64_t now_micros = 0;
  mongo::ProgressView progress;
  std::optional<mongo::LeaseView> lease;
  std::vector<Table> tables;
  std::vector<Collection> collections;
  std::uint64_t unassigned_dead_letters = 0;  // records of no known collection
  std::vector<Topic> written;                 // of a capture
  Trouble trouble;                            // what keeps a capture or an apply from going on, or ended it
  mongo::HealthView health;                   // of an apply
  std::string kafka_error;                    // why the brokers could not be asked; empty: they were
  std::uint64_t rereads = 0;
  PendingDocuments pending;
  std::optional<JournalView> journal;  // none: the pipeline keeps none

  std::string slot_name;
  std::string source_error;  // why PostgreSQL could not be asked; empty: it was
  Lsn wal_end;
  postgres::SlotDescription slot;

  bool has_models = false;           // a collection is no plain one
  std::optional<TopicsView> topics;  // of a pipeline whose changes come from Kafka, which has no slot

  bool has_writer() const { return lease && !lease->released && !lease->dead; }
  // WAL that is not yet in the read model. Nothing where PostgreSQL could not be asked, or nothing ever ran.
  std::optional<std::uint64_t> lag_bytes() const;
  // How old the read model is: 0 when it has everything; else the age of the newest transaction in it, or,
  // where an idle stretch came after that one, the time since the position was written last. Nothing where
  // lag_bytes() is nothing. From topics: 0 when no record is left, else the age of the newest change applied.
  std::optional<double> lag_seconds() const;
};

// Stable for scripts: keys are added, never renamed or removed. One object, one line.
std::string status_json(const StatusView& view);
std::string status_text(const StatusView& view);

}  // namespace penstock::app
