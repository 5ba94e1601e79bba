// Lists of regular expressions, as Debezium's settings choose schemas, tables and columns with (Debezium
// documentation 3.5: "table.include.list" and its like).
#pragma once

#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock::envelope {

// Threads may share it.
class NamePatterns {
 public:
  NamePatterns() = default;
  // "public\.orders, public\.o.*": separated by commas, a literal one is "\,". kConfiguration with the
  // expression that cannot be read.
  static Result<NamePatterns> parse(std::string_view list);

  bool empty() const { return patterns_.empty(); }
  // Whether one of them matches all of the name, letters' case aside.
  bool match(std::string_view name) const;

 private:
  std::vector<std::regex> patterns_;
};

// The items of a list without the blanks around them.
std::vector<std::string> split_list(std::string_view list, char separator);

}  // namespace penstock::envelope
