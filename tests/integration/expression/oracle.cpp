#include "integration/expression/oracle.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <stdexcept>

namespace penstock::expression {
namespace {

constexpr const char* kSession = R"(
  set datestyle to 'ISO, MDY'; set timezone to 'UTC'; set intervalstyle to 'postgres'; set client_encoding to 'UTF8';
  set extra_float_digits to 1; set standard_conforming_strings to on; set client_min_messages to warning;
  create function pg_temp.worth(expression text, out kind text, out value text) language plpgsql as $$
  begin
    execute 'select (' || expression || ')::text' into value;
    kind := case when value is null then 'n' else 't' end;
  exception when others then
    kind := 'e';
    value := sqlerrm;
  end $$;)";

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, Clear>;

std::string array_element(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

}  // namespace

void Oracle::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

Oracle::Oracle() {
  const char* url = std::getenv("PENSTOCK_TEST_POSTGRES");
  if (url == nullptr) throw std::runtime_error("PENSTOCK_TEST_POSTGRES is not set");
  connection_.reset(PQconnectdb(url));
  run(kSession);
}

void Oracle::run(const std::string& statements) {
  const ResultPtr result(PQexec(connection_.get(), statements.c_str()));
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
    throw std::runtime_error(PQerrorMessage(connection_.get()));
}

std::vector<Oracle::Answer> Oracle::ask(const std::vector<std::string>& expressions) {
  std::string array = "{";
  for (const std::string& expression : expressions) {
    if (array.size() > 1) array += ',';
    array += array_element(expression);
  }
  array += '}';
  const char* values[] = {array.c_str()};
  const ResultPtr result(
      PQexecParams(connection_.get(),
                   "select w.kind, w.value from unnest($1::text[]) with ordinality e(x, n), "
                   "pg_temp.worth(e.x) w order by e.n",
                   1, nullptr, values, nullptr, nullptr, 0));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  std::vector<Answer> answers;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    const char kind = *PQgetvalue(result.get(), row, 0);
    Answer answer;
    answer.kind = kind == 't'   ? Answer::Kind::kText
                  : kind == 'e' ? Answer::Kind::kError
                                : Answer::Kind::kNull;
    answer.text = PQgetvalue(result.get(), row, 1);
    answers.push_back(std::move(answer));
  }
  return answers;
}

std::string quote_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += c;
    out += c;
  }
  return out += '\'';
}

}  // namespace penstock::expression
