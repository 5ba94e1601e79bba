// Statements that change a database: printed and run one by one; what could not be run is kept for an
// administrator.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "source/postgres/connection.h"

namespace penstock::app {

class SqlPlan {
 public:
  // Statements that follow belong to `database`. No connection: they are only kept.
  void use(postgres::Connection* connection, std::string database);

  // Prints the statement with passwords cut, and runs it. A refusal is remembered with the statement and is
  // no error; an outage is.
  Status run(const std::string& sql);
  // The same for the text of a file with one or more statements; `name` is printed in its place.
  Status run_file(const std::string& text, const std::string& name);

  std::size_t done() const { return done_; }
  std::size_t refused() const { return refused_.size(); }
  // Prints what was refused as a script for psql, with the reasons as comments.
  void print_refused() const;

 private:
  struct Refused {
    std::string database;
    std::string statement;
    std::string reason;
  };
  Status run_as(const std::string& sql, const std::string& shown);

  postgres::Connection* connection_ = nullptr;
  std::string database_;
  std::size_t done_ = 0;
  std::vector<Refused> refused_;
};

// 'text' with doubled quotes.
std::string sql_literal(const std::string& text);

}  // namespace penstock::app
