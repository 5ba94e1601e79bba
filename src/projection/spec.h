// A collection as the pipeline file declares it (design 5), for collections made from one table.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/document_write.h"
#include "model/table_schema.h"

namespace penstock {

struct FieldSpec {
  std::string name;    // of the field in the document
  std::string column;  // the column it shows
  BsonType as = BsonType::kDefault;
  bool drop = false;  // `column: false`: leave out a column that "*" would bring
  int line = 0;       // in the pipeline file
};

struct CollectionSpec {
  std::string name;
  TableName from;
  std::vector<std::string> key;  // the table's key where it has no primary key; empty: the primary key
  bool all_columns = true;       // `fields` absent, or "*": true in it
  std::vector<FieldSpec> fields;
  std::vector<FieldSpec> id;  // empty: the key
  bool soft_deletes = false;
  std::optional<std::string> change_field;  // metadata
  std::optional<std::string> time_field;
  int line = 0;
};

// One line that differs when two definitions give different documents.
std::string fingerprint(const CollectionSpec& spec);

}  // namespace penstock
