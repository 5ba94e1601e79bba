#include "source/postgres/load/read_error.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace penstock::postgres {
namespace {

// PostgreSQL manual, appendix A. Beginnings of SQLSTATEs.
constexpr std::array<std::string_view, 7> kPassing{
    "40",     // serialization failure, deadlock
    "53",     // insufficient resources
    "55P03",  // lock_timeout
    "57014",  // somebody cancelled the statement
    "57P",    // shutdown, crash
    "58030",  // I/O error
    "72",     // snapshot too old
};
constexpr std::array<std::string_view, 5> kAltered{
    "42P01",  // undefined table: dropped or renamed
    "42703",  // undefined column
    "42704",  // undefined type
    "42804",  // datatype mismatch
    "42883",  // no such operator
};

std::string_view sqlstate_of(const Error& error) {
  constexpr std::string_view kBefore = "(SQLSTATE ";
  const std::size_t at = error.message.find(kBefore);
  if (at == std::string::npos) return {};
  return std::string_view(error.message).substr(at + kBefore.size(), 5);
}

template <std::size_t kSize>
bool begins_with_any(std::string_view state, const std::array<std::string_view, kSize>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return state.starts_with(beginning); });
}

}  // namespace

ReadRemedy remedy_for(const Error& error) {
  if (error.kind == ErrorKind::kPostgresUnavailable) return ReadRemedy::kReconnect;
  if (error.kind == ErrorKind::kSchemaChanged) return ReadRemedy::kRedescribe;
  if (error.kind == ErrorKind::kCancelled) return ReadRemedy::kLater;
  if (error.kind != ErrorKind::kPostgresRefused) return ReadRemedy::kStop;
  const std::string_view state = sqlstate_of(error);
  if (begins_with_any(state, kPassing)) return ReadRemedy::kLater;
  if (begins_with_any(state, kAltered)) return ReadRemedy::kRedescribe;
  return ReadRemedy::kStop;
}

Error explained(Error error, const std::string& table) {
  if (error.message.find(table) == std::string::npos) error.message = table + ": " + error.message;
  if (error.remedy.empty() && sqlstate_of(error) == "42501")
    error.remedy = "GRANT SELECT ON " + table +
                   " (and USAGE ON its SCHEMA, and SELECT on its partitions) to the role of source.postgres; "
                   "`penstock setup PIPELINE` prints the statements";
  return error;
}

}  // namespace penstock::postgres
