// A PostgreSQL that says what expressions are worth.
#pragma once

#include <memory>
#include <string>
#include <vector>

struct pg_conn;

namespace penstock::expression {

class Oracle {
 public:
  // Of the server that PENSTOCK_TEST_POSTGRES names; throws std::runtime_error when it cannot be reached. The
  // session is set as Penstock's sessions are: DateStyle ISO, TimeZone UTC, IntervalStyle postgres.
  Oracle();

  struct Answer {
    enum class Kind { kText, kNull, kError } kind = Kind::kNull;
    std::string text;  // of the value, or the error's message
    bool operator==(const Answer& other) const {
      return kind == other.kind && (kind == Kind::kError || text == other.text);
    }
  };
  // Statements without a result.
  void run(const std::string& statements);
  // The value of each expression, cast to text; an error of one does not touch the others.
  std::vector<Answer> ask(const std::vector<std::string>& expressions);

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  std::unique_ptr<pg_conn, Close> connection_;
};

std::string quote_literal(std::string_view text);

}  // namespace penstock::expression
