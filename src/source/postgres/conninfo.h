// Connection strings taken apart, as libpq reads them (PostgreSQL manual: "Connection Strings").
#pragma once

#include <string>

#include "base/result.h"

namespace penstock::postgres {

// What the URI or conninfo says, completed by libpq's environment variables and defaults.
struct Conninfo {
  std::string host;
  std::string port;
  std::string user;
  std::string password;  // empty: none given
  std::string database;
};

// kConfiguration when it cannot be read; the text never holds a password.
Result<Conninfo> read_conninfo(const std::string& url);

// The same connection to another database, as a conninfo string.
Result<std::string> with_database(const std::string& url, const std::string& database);

}  // namespace penstock::postgres
