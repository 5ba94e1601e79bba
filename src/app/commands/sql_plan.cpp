#include "app/commands/sql_plan.h"

#include <cstdio>

#include "base/log.h"
#include "model/table_schema.h"

namespace penstock::app {
namespace {

void print_line(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

std::string as_comment(const std::string& text) {
  std::string out = "-- ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "-- ";
  }
  return out;
}

}  // namespace

std::string sql_literal(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

void SqlPlan::use(postgres::Connection* connection, std::string database) {
  connection_ = connection;
  database_ = std::move(database);
}

Status SqlPlan::run_as(const std::string& sql, const std::string& shown) {
  if (connection_ == nullptr) {
    refused_.push_back({database_, shown, ""});
    return {};
  }
  const Status outcome = connection_->execute(sql);
  if (outcome) {
    print_line(shown);
    ++done_;
    return {};
  }
  if (outcome.error().kind != ErrorKind::kPostgresRefused) return outcome;
  refused_.push_back({database_, shown, redact(outcome.error().message)});
  return {};
}

Status SqlPlan::run(const std::string& sql) { return run_as(sql, redact(sql) + ";"); }

Status SqlPlan::run_file(const std::string& text, const std::string& name) {
  // Sessions are pinned to pg_catalog; scripts expect the usual path.
  if (connection_ != nullptr) PENSTOCK_TRY(connection_->execute("SET search_path = \"$user\", public"));
  const Status outcome = run_as(text, "\\i " + name);
  if (connection_ != nullptr) PENSTOCK_TRY(connection_->execute("ROLLBACK; SET search_path = pg_catalog"));
  return outcome;
}

void SqlPlan::print_refused() const {
  if (refused_.empty()) return;
  print_line("\n-- To be run as an administrator, with psql:");
  std::string database;
  for (const Refused& refused : refused_) {
    if (refused.database != database) {
      database = refused.database;
      print_line("\\connect " + quote_identifier(database));
    }
    if (!refused.reason.empty()) print_line(as_comment(refused.reason));
    print_line(refused.statement);
  }
}

}  // namespace penstock::app
