// An ordinary or replication session with PostgreSQL, with everything pinned that changes how values print.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct pg_conn;
struct pg_result;

namespace penstock::postgres {

// Rows of a finished statement, as text.
class Rows {
 public:
  explicit Rows(pg_result* result);
  std::size_t size() const;
  std::size_t columns() const;
  bool is_null(std::size_t row, std::size_t column) const;
  // Text of the value; empty for NULL. Valid as long as this object.
  std::string_view text(std::size_t row, std::size_t column) const;
  std::string string(std::size_t row, std::size_t column) const { return std::string(text(row, column)); }
  const char* c_str_or_null(std::size_t row, std::size_t column) const;  // null pointer for NULL
  bool truth(std::size_t row, std::size_t column) const { return text(row, column) == "t"; }
  std::uint64_t number(std::size_t row, std::size_t column) const;  // unsigned decimal; 0 for NULL

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

struct ConnectOptions {
  bool replication = false;  // replication=database: a walsender
  std::string application_name = "penstock";
  int connect_timeout_seconds = 10;
};

// What every session of ours sets, as statements: for those who read rows over a session of their own.
std::string session_settings();

// One thread at a time. Errors: kPostgresUnavailable when the connection broke or the server is starting,
// stopping or recovering (SQLSTATE class 08, 57P01-57P03, 53300); kPostgresRefused otherwise, with the
// server's message, SQLSTATE and the statement's beginning.
class Connection {
 public:
  // `url`: any libpq URI or conninfo. The session runs with DateStyle ISO,YMD, IntervalStyle postgres,
  // TimeZone UTC, extra_float_digits 3 (shortest exact), bytea_output hex, lc_monetary C, client_encoding
  // UTF8, search_path pg_catalog, row_security off, and no statement, lock or idle-in-transaction time-out:
  // role and database settings would change the output otherwise (design 3.9).
  static Result<Connection> open(const std::string& url, const ConnectOptions& options = {});

  Connection(Connection&&) noexcept = default;
  Connection& operator=(Connection&&) noexcept = default;

  // One statement with $1... parameters (null: SQL NULL), result as text.
  Result<Rows> query(const std::string& sql, const std::vector<std::optional<std::string>>& parameters = {});
  // One or more statements without results of interest.
  Status execute(const std::string& sql);
  // COPY ... TO STDOUT: calls `line` for each CopyData message (text format: one row with its '\n'). An error
  // from `line` cancels the COPY and is returned.
  Status copy_out(const std::string& sql, const std::function<Status(std::string_view)>& line);

  std::string literal(std::string_view text) const;  // 'quoted' for SQL
  void cancel() const;         // asks the server to stop the running statement; any thread
  int server_version() const;  // 150020 style
  const std::string& url() const { return url_; }
  pg_conn* raw() const { return connection_.get(); }
  Error last_error(const std::string& doing) const;  // classifies the connection's last error

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  explicit Connection(pg_conn* connection, std::string url) : connection_(connection), url_(std::move(url)) {}
  std::unique_ptr<pg_conn, Finish> connection_;
  std::string url_;
};

}  // namespace penstock::postgres
