#include "envelope/column_rules.h"

namespace penstock::envelope {

std::shared_ptr<const Mask> ColumnRules::mask_of(const std::string& column) const {
  for (const Masked& rule : masks)
    if (rule.columns.match(column)) return rule.mask;
  return nullptr;
}

const std::vector<std::string>* ColumnRules::key_of(const std::string& table) const {
  for (const Key& rule : keys)
    if (rule.tables.match(table)) return &rule.columns;
  return nullptr;
}

Result<std::vector<ColumnRules::Key>> parse_key_columns(const std::string& setting) {
  std::vector<ColumnRules::Key> keys;
  for (const std::string& item : split_list(setting, ';')) {
    const std::size_t colon = item.rfind(':');
    ColumnRules::Key key;
    if (colon != std::string::npos) key.columns = split_list(item.substr(colon + 1), ',');
    if (key.columns.empty())
      return fail(ErrorKind::kConfiguration, "\"" + item + "\" names no key columns",
                  "write schema.table:column,column;…");
    PENSTOCK_ASSIGN(key.tables, NamePatterns::parse(item.substr(0, colon)));
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace penstock::envelope
