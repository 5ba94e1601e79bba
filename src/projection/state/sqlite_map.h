// OrderedMap on a table of the state file.
#pragma once

#include <memory>
#include <string>

#include "projection/state/database.h"
#include "projection/state/ordered_map.h"

namespace penstock {

class SqliteMap final : public OrderedMap {
 public:
  static Result<std::unique_ptr<SqliteMap>> open(Database& database, const std::string& table);

  Result<std::optional<std::string_view>> get(std::string_view key) override;
  Status put(std::string_view key, std::string_view value) override;
  Result<bool> erase(std::string_view key) override;
  Status erase_prefix(std::string_view prefix) override;
  Status scan(std::string_view prefix, Direction direction, const Visit& visit,
              std::optional<std::string_view> after = std::nullopt) override;

 private:
  explicit SqliteMap(Database& database) : database_(database) {}
  Result<Statement*> scanning(std::string_view prefix, Direction direction,
                              std::optional<std::string_view> after);

  Database& database_;
  std::string value_;  // of the last get
  std::string end_;    // of the prefix
  Statement get_, put_, erase_, clear_, erase_range_;
  Statement forward_from_, forward_after_, backward_before_, backward_all_;
};

}  // namespace penstock
