// All that `check` looks at.
#pragma once

#include <optional>
#include <string>

#include "app/preflight/estimates.h"
#include "app/preflight/report.h"
#include "app/preflight/table_checks.h"
#include "app/settings.h"
#include "projection/view/definition.h"
#include "sink/mongo/reader.h"
#include "source/postgres/connection.h"

namespace penstock::app {

// One thread. Only reads.
class PipelineCheck {
 public:
  explicit PipelineCheck(Settings settings) : settings_(std::move(settings)) {}

  void run_offline();
  void run();
  // PostgreSQL alone: tables and definitions.
  void run_source();

  const Report& report() const { return report_; }
  // The plan in words, with sample documents made from live rows where there is a connection.
  std::string plan();
  // kCheckFailed when something does not hold.
  Status outcome() const;

 private:
  void check_definitions();
  void check_definition(const CollectionSpec& spec);
  void check_position(mongo::Reader& reader);
  void note(const Error& error) { report_.fail("PostgreSQL", error.message, error.remedy); }
  std::string sample(const CollectionSpec& spec);

  Settings settings_;  // with their joins, once PostgreSQL was asked
  Report report_;
  TableDescriptions tables_;
  Statistics statistics_;
  ColumnsRead columns_;
  std::optional<postgres::Connection> connection_;
};

}  // namespace penstock::app
