#include "sink/mongo/stage/row_key.h"

namespace penstock::mongo {

KeyText key_text(const TableSchema& schema, const Value* row) {
  KeyText key;
  key.reserve(schema.key.size());
  for (const std::uint16_t column : schema.key) key.push_back(to_text(row[column]));
  return key;
}

std::vector<std::string> key_columns(const TableSchema& schema) {
  std::vector<std::string> names;
  names.reserve(schema.key.size());
  for (const std::uint16_t column : schema.key) names.push_back(schema.columns[column].name);
  return names;
}

}  // namespace penstock::mongo
