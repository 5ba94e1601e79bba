#include "app/preflight/column_check.h"

#include <fmt/format.h>

#include <vector>

#include "app/nearest.h"

namespace penstock::app {

const Column* find_column(const postgres::TableDescription& table, const std::string& name,
                          const std::string& subject, const std::string& file, int line, Report& report) {
  if (const auto index = table.schema->find(name)) return &table.schema->columns[*index];
  std::vector<std::string> known;
  for (const Column& column : table.schema->columns) known.push_back(column.name);
  report.fail(subject,
              fmt::format("{}:{}: {} has no column \"{}\"{}", file, line, to_string(table.schema->table),
                          name, did_you_mean(name, known)),
              table.has_generated
                  ? "PostgreSQL does not send generated columns, or columns outside the publication's "
                    "column list"
                  : fmt::format("its columns: {}", fmt::join(known, ", ")));
  return nullptr;
}

}  // namespace penstock::app
