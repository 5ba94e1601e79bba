// The history of tables that topics hold, as the source of a leg: from their loads on, up to one moment.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "backbone/history/history_scan.h"
#include "backbone/topic_source.h"
#include "base/result.h"
#include "envelope/read/event_reader.h"
#include "model/table_schema.h"
#include "source/source.h"

namespace penstock::backbone {

struct HistoryOptions {
  ConsumerOptions consumer;
  std::vector<ReadTable> tables;  // names and topics
  // Of other tables of the same connector: they tell more of the order of transactions, and of loads.
  std::vector<std::string> other_topics;
  envelope::ReadOptions values;
  DescribeTable describe;
  HistoryEnd end;
  std::vector<std::string> captures;  // under these names `penstock capture` may have written the topics
  bool loads_at_start = false;        // the connector is known to load the tables that are there
  bool written = false;               // everything up to the end's LSN was in the topics before
  bool in_order = false;              // changes one after the other, truncates among them
  bool dead_letters = false;          // records that cannot be read are parked
};

struct History {
  std::unique_ptr<Source> source;
  std::vector<TableSchema> tables;
  std::string reach;  // for people: what it reads, up to where
};

// Reads all records once, to see whether they are complete; the source reads them again. The source gives
// what had committed by then and ends; open() takes a checkpoint that does not exist only.
// kCheckFailed: the topics do not prove what a table held then, with since when they do, or are compacted;
// kUsage: the end lies behind theirs.
Result<History> open_history(HistoryOptions options, std::stop_token stop);

}  // namespace penstock::backbone
