// Questions about relations met in the stream; a seam, so that the stream's decoding can be tested without a
// server.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/table_schema.h"
#include "pgtype/decoder.h"
#include "source/postgres/connection.h"

namespace penstock::postgres {

class RelationLookup {
 public:
  virtual ~RelationLookup() = default;
  virtual Result<std::vector<TableName>> partition_ancestors(std::uint32_t oid) = 0;  // none: not a partition
  virtual Result<std::string> format_type(std::uint32_t oid, std::int32_t modifier) = 0;
  virtual Result<pgtype::TypeInfo> type(std::uint32_t oid) = 0;
  // Of a relation's columns, by name.
  virtual Result<std::map<std::string, ColumnDetails>> column_details(std::uint32_t oid) = 0;
};

// Asks the catalog; `connection` must outlive it.
class CatalogLookup final : public RelationLookup {
 public:
  explicit CatalogLookup(Connection& connection) : connection_(connection) {}
  Result<std::vector<TableName>> partition_ancestors(std::uint32_t oid) override;
  Result<std::string> format_type(std::uint32_t oid, std::int32_t modifier) override;
  Result<pgtype::TypeInfo> type(std::uint32_t oid) override;
  Result<std::map<std::string, ColumnDetails>> column_details(std::uint32_t oid) override;

 private:
  Connection& connection_;
};

}  // namespace penstock::postgres
