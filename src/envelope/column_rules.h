// What of a table's columns goes into the events, and under which key.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "envelope/mask.h"
#include "envelope/name_patterns.h"

namespace penstock::envelope {

// Patterns are matched against "schema.table.column", of keys against "schema.table".
struct ColumnRules {
  NamePatterns include;  // empty: all
  NamePatterns exclude;
  struct Masked {
    NamePatterns columns;
    std::shared_ptr<const Mask> mask;
  };
  std::vector<Masked> masks;  // the first that matches
  struct Key {
    NamePatterns tables;
    std::vector<std::string> columns;
  };
  std::vector<Key> keys;  // message.key.columns; the first that matches
  // Columns whose schemas say what they are in the database: by their name, and by "schema.table.type".
  NamePatterns source_types, source_types_of;

  bool takes(const std::string& column) const {
    return (include.empty() || include.match(column)) && !exclude.match(column);
  }
  std::shared_ptr<const Mask> mask_of(const std::string& column) const;
  const std::vector<std::string>* key_of(const std::string& table) const;
};

// "public.orders:a,b;(.*).lines:c". kConfiguration.
Result<std::vector<ColumnRules::Key>> parse_key_columns(const std::string& setting);

}  // namespace penstock::envelope
