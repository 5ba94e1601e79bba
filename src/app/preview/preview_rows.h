// The rows that a document, or a group, is made of, read from PostgreSQL as they are now.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/preflight/table_checks.h"
#include "base/result.h"
#include "model/event_batch.h"
#include "projection/spec.h"
#include "source/postgres/row_query.h"

namespace penstock::app {

using RowTexts = std::vector<postgres::RowQuery::Text>;

struct PreviewRows {
  std::vector<EventBatchPtr> batches;  // chunks; several may be of one table, and a row may be in several
  bool complete = true;                // false: there were more rows than are looked at
};

// `spec` with its joins resolved; `tables` has all its tables. The connection must outlive it.
class PreviewReader {
 public:
  static Result<PreviewReader> make(const CollectionSpec& spec, const TableDescriptions& tables,
                                    postgres::Connection& connection);

  // The root row with this key (one text for each column of the table's key), or, for a summary over bare
  // columns, the rows of the group with this key; and everything that hangs on them.
  Result<PreviewRows> read(const std::vector<std::string>& key);
  // The first rows by key; for a summary over bare columns the group of the first row.
  Result<PreviewRows> read_first(std::size_t rows);

 private:
  explicit PreviewReader(const CollectionSpec& spec) : spec_(&spec) {}
  postgres::RowQuery& query(const TableName& table) { return queries_.at(to_string(table)); }
  // The columns that a key is given for.
  Result<std::vector<std::string>> key_columns();
  Result<PreviewRows> read_where(const std::string& condition, std::size_t limit);
  Status follow(const std::vector<EmbedSpec>& embeds, const EventBatch& owners, PreviewRows& rows);
  Status follow_one(const EmbedSpec& embed, const EventBatch& owners, int depth, PreviewRows& rows);
  Result<EventBatchPtr> join(const TableName& table, const std::vector<std::string>& columns,
                             const EventBatch& from, const std::vector<std::string>& values,
                             PreviewRows& rows);

  const CollectionSpec* spec_;
  std::map<std::string, postgres::RowQuery> queries_;
};

}  // namespace penstock::app
