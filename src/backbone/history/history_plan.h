// From where topics can make tables anew, up to where, and which records belong to that.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backbone/history/history_scan.h"
#include "backbone/topic_source.h"
#include "base/result.h"
#include "model/position.h"

namespace penstock::backbone {

// A load by `penstock capture`, which its state topic tells of.
struct CaptureLoad {
  std::optional<Lsn> begun;  // where the stream stood; nothing: not known any more
  bool whole = false;
  std::string problem;  // why the capture does not follow the table now; empty: it does
};

struct HistoryFacts {
  HistoryEnd end;
  std::map<PartitionId, PartitionEnds> ends;
  std::map<std::string, CaptureLoad> captured;  // by table
  std::optional<Position> captured_position;    // where the capture stands that wrote there last
  // The connector is known to load the tables that are there when it begins: one without rows was empty.
  bool loads_at_start = false;
  bool written = false;  // everything up to the end's LSN is known to be in the topics
  // Changes are given one after the other, truncates among them; else a table begins behind its last
  // truncate.
  bool in_order = false;

  // Places to scan the order of transactions around.
  std::set<Lsn> cuts() const;
};

// A table from one of its loads on.
struct HistoryBase {
  Lsn begin;                // what committed before it is in the load
  bool beside = false;      // changes stand among its rows, else behind them
  Lsn whole;                // from here on everything is known
  std::int64_t micros = 0;  // when that was, since 1970 UTC; 0: not known
};

class HistoryPlan {
 public:
  // kCheckFailed: the topics do not prove what a table held then, with the reason and since when they do.
  // kUsage: the end lies behind the topics'. `scan` outlives the plan and has finished.
  static Result<HistoryPlan> make(const std::vector<ReadTable>& tables, const HistoryFacts& facts,
                                  const HistoryScan& scan);

  // Whether the change belongs to the tables as they were then. Of each partition in the order of its
  // records.
  bool belongs(const std::string& table, const PartitionId& partition, const envelope::RecordHead& head);

  // Whether transactions are left out at the end, and by which place.
  const std::optional<Cut>& cut() const { return cut_; }

 private:
  explicit HistoryPlan(const HistoryScan& scan) : scan_(&scan) {}
  Status find_cut(const HistoryFacts& facts);
  Status find_base(const ReadTable& table, const HistoryFacts& facts);
  Status find_truncates(const HistoryFacts& facts);
  bool had_committed(const envelope::Place& place) const;
  // Whether it comes behind the base's beginning, the topic's last truncate.
  bool is_of_base(const HistoryBase& base, const PartitionId& partition, const envelope::Place& place);
  bool is_behind_truncate(const std::string& topic, const envelope::Place& place) const;

  const HistoryScan* scan_;
  std::optional<Cut> cut_;
  std::map<std::string, HistoryBase> bases_;
  std::map<std::string, envelope::Place> truncates_;  // the newest that belongs, by topic
  std::set<PartitionId> in_load_;                     // rows of its table's base were seen
};

}  // namespace penstock::backbone
