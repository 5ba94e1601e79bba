// Estimates about read models from PostgreSQL's statistics: how many documents a row is shown in, how large a
// document and the local state may become.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/preflight/table_checks.h"
#include "app/settings.h"
#include "base/result.h"
#include "projection/spec.h"
#include "source/postgres/connection.h"

namespace penstock::app {

struct ColumnStatistics {
  double distinct = 0;  // values other than NULL
  double largest = 0;   // rows with the most common value
  double width = 8;     // bytes on average
};

struct TableStatistics {
  double rows = 0;
  std::vector<std::string> key;
  std::map<std::string, ColumnStatistics> columns;  // empty: the table was never analyzed
};
using Statistics = std::map<std::string, TableStatistics>;  // by to_string(TableName)

// As of the last ANALYZE, for the tables described.
Result<Statistics> read_statistics(postgres::Connection& connection, const TableDescriptions& tables);

// The most rows of the table that agree in these columns, as far as the statistics know.
double most_alike(const TableStatistics& table, const std::vector<std::string>& columns);

struct FanOut {
  TableName table;
  std::string embed;     // "lines.product"
  double documents = 0;  // in which one row of the table may be shown
};
// For each embed, outer ones first; those of tables without statistics are left out.
std::vector<FanOut> fan_outs(const CollectionSpec& spec, const Statistics& statistics);

struct Growth {
  double bytes = 0;   // of the largest document
  std::string embed;  // that adds the most to it; empty: none
  double rows = 0;    // of it, in one document
};
// 0 bytes where statistics are missing.
Growth largest_document(const CollectionSpec& spec, const Statistics& statistics);

// "about 1.2 GiB", "about 3 KiB".
std::string size_text(double bytes);
// 1200000 as "1,200,000".
std::string count_text(double count);

}  // namespace penstock::app
