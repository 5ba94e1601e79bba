#include "source/postgres/connection.h"

#include <libpq-fe.h>

#include <array>
#include <charconv>
#include <cstring>

namespace penstock::postgres {
namespace {

constexpr std::array<const char*, 13> kPins{
    "DateStyle = 'ISO, YMD'",   "IntervalStyle = 'postgres'", "TimeZone = 'UTC'",
    "extra_float_digits = 3",   "bytea_output = 'hex'",       "lc_monetary = 'C'",
    "client_encoding = 'UTF8'", "search_path = pg_catalog",   "row_security = off",
    "statement_timeout = 0",    "lock_timeout = 0",           "idle_in_transaction_session_timeout = 0",
    "xmlbinary = 'base64'",
};

std::string trimmed(const char* text) {
  std::string result = text != nullptr ? text : "";
  while (!result.empty() && (result.back() == '\n' || result.back() == ' ')) result.pop_back();
  return result;
}

bool starts_with(std::string_view text, std::string_view beginning) {
  return text.substr(0, beginning.size()) == beginning;
}

// SQLSTATE classes of PostgreSQL manual, appendix A; 55P03 is a lock that lock_timeout gave up on.
bool is_passing(std::string_view state) {
  return state == "55P03" || starts_with(state, "08") || state == "57P01" || state == "57P02" ||
         state == "57P03" || state == "53300" || state == "55006" || state == "57P05";
}

std::string beginning_of(const std::string& sql) {
  return sql.size() <= 120 ? sql : sql.substr(0, 117) + "...";
}

Error error_of(pg_conn* connection, const PGresult* result, const std::string& doing) {
  const char* state = result != nullptr ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  const std::string sqlstate = state != nullptr ? state : "";
  const bool broken = PQstatus(connection) != CONNECTION_OK;
  std::string message =
      trimmed(result != nullptr ? PQresultErrorMessage(result) : PQerrorMessage(connection));
  if (message.empty()) message = trimmed(PQerrorMessage(connection));
  if (message.empty()) message = "the server closed the connection";
  const auto kind =
      broken || is_passing(sqlstate) ? ErrorKind::kPostgresUnavailable : ErrorKind::kPostgresRefused;
  std::string text = "PostgreSQL: " + message;
  if (!sqlstate.empty()) text += " (SQLSTATE " + sqlstate + ")";
  if (!doing.empty()) text += " while running: " + beginning_of(doing);
  return make_error(kind, std::move(text));
}

// A connection that was never made has no SQLSTATE; libpq's text tells a refusal from an absence.
Error connect_error(pg_conn* connection) {
  const std::string message = trimmed(PQerrorMessage(connection));
  for (const char* refusal :
       {"password authentication failed", "no pg_hba.conf entry", "does not exist",
        "is not permitted to log in", "must be superuser or replication role", "permission denied",
        "no password supplied", "certificate", "peer authentication failed", "invalid connection option",
        "SSL was required"}) {
    if (message.find(refusal) != std::string::npos)
      return make_error(
          ErrorKind::kPostgresRefused, "PostgreSQL: " + message,
          "check source.postgres in the pipeline file; `penstock setup PIPELINE --admin URL` makes the "
          "role and its rights");
  }
  return make_error(ErrorKind::kPostgresUnavailable, "PostgreSQL: " + message,
                    "check that the server is up and that host and port in source.postgres are right");
}

std::string pins_for(int server_version) {
  std::string sql = session_settings();
  if (server_version >= 140000) sql += "SET idle_session_timeout = 0;";
  if (server_version >= 170000) sql += "SET transaction_timeout = 0;";
  return sql;
}

}  // namespace

std::string session_settings() {
  std::string sql;
  for (const char* pin : kPins) sql += std::string("SET ") + pin + ";";
  return sql;
}

Rows::Rows(pg_result* result) : result_(result) {}
void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }
std::size_t Rows::size() const { return static_cast<std::size_t>(PQntuples(result_.get())); }
std::size_t Rows::columns() const { return static_cast<std::size_t>(PQnfields(result_.get())); }

bool Rows::is_null(std::size_t row, std::size_t column) const {
  return PQgetisnull(result_.get(), static_cast<int>(row), static_cast<int>(column)) != 0;
}

std::string_view Rows::text(std::size_t row, std::size_t column) const {
  const int r = static_cast<int>(row);
  const int c = static_cast<int>(column);
  return {PQgetvalue(result_.get(), r, c), static_cast<std::size_t>(PQgetlength(result_.get(), r, c))};
}

const char* Rows::c_str_or_null(std::size_t row, std::size_t column) const {
  return is_null(row, column) ? nullptr
                              : PQgetvalue(result_.get(), static_cast<int>(row), static_cast<int>(column));
}

std::uint64_t Rows::number(std::size_t row, std::size_t column) const {
  const std::string_view digits = text(row, column);
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

void Connection::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

Result<Connection> Connection::open(const std::string& url, const ConnectOptions& options) {
  const std::string timeout = std::to_string(options.connect_timeout_seconds);
  // What stands before dbname may be overridden by the URL, what stands after may not.
  std::vector<const char*> names{"connect_timeout", "keepalives_idle", "fallback_application_name", "dbname"};
  std::vector<const char*> values{timeout.c_str(), "30", options.application_name.c_str(), url.c_str()};
  if (options.replication) {
    names.push_back("replication");
    values.push_back("database");
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  Connection connection(PQconnectdbParams(names.data(), values.data(), 1), url);
  if (connection.raw() == nullptr)
    return fail(ErrorKind::kInternal, "PostgreSQL: out of memory while connecting");
  if (PQstatus(connection.raw()) != CONNECTION_OK) return fail(connect_error(connection.raw()));
  PQsetNoticeProcessor(
      connection.raw(), [](void*, const char*) {}, nullptr);
  PENSTOCK_TRY(connection.execute(pins_for(connection.server_version())));
  return connection;
}

Result<Rows> Connection::query(const std::string& sql,
                               const std::vector<std::optional<std::string>>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
  // A walsender understands the simple query protocol only.
  PGresult* result = parameters.empty() ? PQexec(raw(), sql.c_str())
                                        : PQexecParams(raw(), sql.c_str(), static_cast<int>(values.size()),
                                                       nullptr, values.data(), nullptr, nullptr, 0);
  Rows rows(result);
  const auto status = PQresultStatus(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return fail(error_of(raw(), result, sql));
  return rows;
}

Status Connection::execute(const std::string& sql) {
  PENSTOCK_TRY(query(sql));
  return {};
}

Status Connection::copy_out(const std::string& sql, const std::function<Status(std::string_view)>& line) {
  PGresult* started = PQexec(raw(), sql.c_str());
  const Rows holder(started);
  if (PQresultStatus(started) != PGRES_COPY_OUT) return fail(error_of(raw(), started, sql));
  Status outcome;
  char* data = nullptr;
  int length = 0;
  while ((length = PQgetCopyData(raw(), &data, 0)) > 0) {
    if (outcome) {
      outcome = line(std::string_view(data, static_cast<std::size_t>(length)));
      if (!outcome) cancel();
    }
    PQfreemem(data);
  }
  while (PGresult* last = PQgetResult(raw())) {
    const Rows ended(last);
    const auto status = PQresultStatus(last);
    if (outcome && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      outcome = fail(error_of(raw(), last, sql));
  }
  if (outcome && length == -2) return fail(error_of(raw(), nullptr, sql));
  return outcome;
}

void Connection::cancel() const {
  PGcancel* cancel = PQgetCancel(connection_.get());
  if (cancel == nullptr) return;
  std::array<char, 256> message{};
  PQcancel(cancel, message.data(), static_cast<int>(message.size()));
  PQfreeCancel(cancel);
}

std::string Connection::literal(std::string_view text) const {
  char* quoted = PQescapeLiteral(connection_.get(), text.data(), text.size());
  std::string result = quoted != nullptr ? quoted : "NULL";
  PQfreemem(quoted);
  return result;
}

int Connection::server_version() const { return PQserverVersion(connection_.get()); }

Error Connection::last_error(const std::string& doing) const {
  return error_of(connection_.get(), nullptr, doing);
}

}  // namespace penstock::postgres
