// What topics hold, as a first reading of all their records finds it: loads, how far back each partition
// goes, and how source transactions follow each other.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backbone/consumer.h"
#include "backbone/history/cut.h"
#include "envelope/read/record_head.h"
#include "model/places.h"

namespace penstock::backbone {

// At most one of the two; none: everything.
struct HistoryEnd {
  std::optional<Lsn> lsn;              // what committed before this place in the WAL
  std::optional<std::int64_t> micros;  // up to the first transaction that committed later than this
};

// Rows of one load by Debezium, which all stand at the place of its snapshot.
struct LoadSeen {
  bool begins = false, ends = false;  // a row is marked as the table's first, last one
  std::int64_t micros = 0;            // since 1970 UTC
};

struct TruncateSeen {
  std::string topic;
  envelope::Place place;
  std::int64_t micros = 0;
};

struct TableSeen {
  std::map<Lsn, LoadSeen> loads;  // some of whose rows are marked as Debezium marks them
  bool has_rows = false;          // of loads
  Lsn newest_row;                 // where the newest of them stands
  std::int64_t newest_row_micros = 0;
};

// One thread.
class HistoryScan {
 public:
  // `cuts`: further places to know the order of transactions around.
  HistoryScan(const HistoryEnd& end, const std::set<Lsn>& cuts);

  // Each record that is a change, in the order of its partition.
  void take(const std::string& table, const PartitionId& partition, const envelope::RecordHead& head);
  // All were taken.
  void finish();

  // What the change's transaction comes after (cut.h): where the record does not say, the load before it.
  Lsn after(const envelope::Place& place) const;
  const std::map<std::string, TableSeen>& tables() const { return tables_; }
  // The oldest change there.
  const envelope::Place* first(const PartitionId& partition) const;
  const std::vector<TruncateSeen>& truncates() const { return truncates_; }
  const Cut& cut(Lsn at) const { return cuts_.at(at); }
  // Once finished: what the first transaction comes after that committed later than the end's time.
  std::optional<Lsn> first_later() const { return first_later_; }
  // No change stands further on in the WAL.
  Lsn newest() const { return newest_; }
  // Whether the load's rows are all there by what the records say: its last one is marked, or the stream
  // followed, which Debezium begins once all tables are read.
  bool is_whole(Lsn place, const LoadSeen& load) const;
  // Where the first load of any table by Debezium stands; unset: there is none.
  Lsn first_load() const { return load_places_.empty() ? Lsn{} : *load_places_.begin(); }
  // A topic whose records do not say where they stand; empty: all do.
  const std::string& placeless() const { return placeless_; }

 private:
  struct Early {
    Lsn lsn;
    std::int64_t micros = 0;
  };
  void take_row(TableSeen& table, const envelope::RecordHead& head);
  void observe(Lsn after, Lsn lsn, std::uint32_t transaction, std::int64_t micros);

  const HistoryEnd end_;
  std::map<std::string, TableSeen> tables_;
  std::map<PartitionId, envelope::Place> first_;
  std::vector<TruncateSeen> truncates_;
  std::map<Lsn, Cut> cuts_;
  std::map<std::uint32_t, Early> early_;  // transactions that know of no commit before them
  std::set<Lsn> load_places_;
  std::optional<Lsn> first_later_;
  Lsn newest_;
  std::string placeless_;
};

}  // namespace penstock::backbone
