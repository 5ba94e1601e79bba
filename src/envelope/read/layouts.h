// The layouts of one topic's rows: one for records without schemas, one for each inline schema.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "envelope/read/event_reader.h"
#include "envelope/read/row_layout.h"

namespace penstock::envelope {

// One thread.
class Layouts {
 public:
  Layouts(ReadOptions options, std::shared_ptr<const TableSchema> catalog);

  // The layout of rows under this inline schema (empty: none). Where there is no catalog, `key` (the
  // record's, as it came) names the columns of the key and `table` the table. Stays until 64 others came.
  // kConfiguration when nothing says the types; kBadValue for a schema that is none.
  Result<RowLayout*> find(std::string_view schema, std::string_view key, const TableName& table);
  RowLayout* newest() const { return newest_; }  // the one that was found last; null: none yet
  const std::set<std::string>& unknown_fields() const { return unknown_; }
  void note_unknown() { unknown_.insert(newest_->unknown_fields().begin(), newest_->unknown_fields().end()); }

 private:
  Result<std::unique_ptr<RowLayout>> make(std::string_view schema, std::string_view key,
                                          const TableName& table) const;
  std::unique_ptr<RowLayout> of_catalog(std::string_view schema,
                                        const std::vector<struct InlineColumn>& inlined) const;
  std::vector<std::uint16_t> identity_of(const TableSchema& schema) const;

  ReadOptions options_;
  std::shared_ptr<const TableSchema> catalog_;
  std::shared_ptr<const Placeholder> placeholder_;
  std::map<std::string, std::unique_ptr<RowLayout>, std::less<>> layouts_;
  RowLayout* newest_ = nullptr;
  std::string newest_schema_;
  std::string newest_key_schema_;
  std::set<std::string> unknown_;
};

}  // namespace penstock::envelope
