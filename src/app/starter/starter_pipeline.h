// A first pipeline file for a database, from its tables and foreign keys: what `penstock init` prints.
#pragma once

#include <string>
#include <vector>

#include "model/table_schema.h"
#include "source/postgres/catalog.h"

namespace penstock::app {

struct StarterTable {
  TableName name;
  std::vector<std::string> key;      // primary key; empty: none
  std::vector<std::string> columns;  // all
};

struct StarterDatabase {
  std::string name;
  std::string url;  // for the file: without a password
  std::vector<StarterTable> tables;
  std::vector<postgres::ForeignKey> keys;
};

// Tables that stand for themselves become collections. Rows that belong to one other row (deleted with it, or
// known by its key) are embedded there; rows that are only referred to, and many-to-many, are suggested in
// comments. The text is a pipeline file that the settings reader accepts.
std::string starter_pipeline(const StarterDatabase& database);

}  // namespace penstock::app
