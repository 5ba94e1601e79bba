#include "source/postgres/conninfo.h"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

#include "base/log.h"

namespace penstock::postgres {
namespace {

struct Free {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, Free>;

Result<Options> parse(const std::string& url) {
  char* message = nullptr;
  Options options(PQconninfoParse(url.c_str(), &message));
  const std::string text = message != nullptr ? redact(message) : "out of memory";
  PQfreemem(message);
  if (options != nullptr) return options;
  return fail(ErrorKind::kConfiguration, "the PostgreSQL connection string cannot be read: " + text,
              "e.g. postgresql://user@host:5432/database");
}

std::string find(const PQconninfoOption* options, std::string_view keyword) {
  for (const PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr; ++option)
    if (keyword == option->keyword) return option->val != nullptr ? option->val : "";
  return {};
}

std::string quoted_value(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

}  // namespace

Result<Conninfo> read_conninfo(const std::string& url) {
  PENSTOCK_ASSIGN(const Options given, parse(url));
  const Options defaults(PQconndefaults());
  const auto value = [&](std::string_view keyword) {
    const std::string own = find(given.get(), keyword);
    return own.empty() ? find(defaults.get(), keyword) : own;
  };
  Conninfo info{value("host"), value("port"), value("user"), value("password"), value("dbname")};
  if (info.database.empty()) info.database = info.user;
  return info;
}

Result<std::string> with_database(const std::string& url, const std::string& database) {
  PENSTOCK_ASSIGN(const Options given, parse(url));
  std::string out = "dbname=" + quoted_value(database);
  for (const PQconninfoOption* option = given.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || std::string_view(option->keyword) == "dbname") continue;
    out += std::string(" ") + option->keyword + "=" + quoted_value(option->val);
  }
  return out;
}

}  // namespace penstock::postgres
