#include "projection/state/sqlite_map.h"

namespace penstock {
namespace {

// The first string after all that begin with `prefix`; empty: there is none.
std::string end_of(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xFF') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace

Result<std::unique_ptr<SqliteMap>> SqliteMap::open(Database& database, const std::string& table) {
  std::unique_ptr<SqliteMap> map(new SqliteMap(database));
  PENSTOCK_TRY(database.execute("CREATE TABLE IF NOT EXISTS " + table +
                                "(k BLOB PRIMARY KEY NOT NULL, v BLOB NOT NULL) WITHOUT ROWID"));
  PENSTOCK_ASSIGN(map->get_, database.prepare("SELECT v FROM " + table + " WHERE k = ?1"));
  PENSTOCK_ASSIGN(map->put_, database.prepare("INSERT OR REPLACE INTO " + table + "(k, v) VALUES(?1, ?2)"));
  PENSTOCK_ASSIGN(map->erase_, database.prepare("DELETE FROM " + table + " WHERE k = ?1"));
  PENSTOCK_ASSIGN(map->clear_, database.prepare("DELETE FROM " + table));
  PENSTOCK_ASSIGN(map->erase_range_, database.prepare("DELETE FROM " + table + " WHERE k >= ?1 AND k < ?2"));
  const std::string all = "SELECT k, v FROM " + table;
  PENSTOCK_ASSIGN(map->forward_from_, database.prepare(all + " WHERE k >= ?1 ORDER BY k"));
  PENSTOCK_ASSIGN(map->forward_after_, database.prepare(all + " WHERE k > ?1 ORDER BY k"));
  PENSTOCK_ASSIGN(map->backward_before_, database.prepare(all + " WHERE k < ?1 ORDER BY k DESC"));
  PENSTOCK_ASSIGN(map->backward_all_, database.prepare(all + " ORDER BY k DESC"));
  return map;
}

Result<std::optional<std::string_view>> SqliteMap::get(std::string_view key) {
  PENSTOCK_ASSIGN(const bool found, get_.bind(1, key).step());
  if (!found) return std::optional<std::string_view>();
  // Copied: while a statement stands at a row, SQLite drops no table.
  value_ = get_.bytes(0);
  get_.reset();
  return std::optional<std::string_view>(value_);
}

Status SqliteMap::put(std::string_view key, std::string_view value) {
  return put_.bind(1, key).bind(2, value).run();
}

Result<bool> SqliteMap::erase(std::string_view key) {
  PENSTOCK_TRY(erase_.bind(1, key).run());
  return database_.changes() > 0;
}

Status SqliteMap::erase_prefix(std::string_view prefix) {
  const std::string end = end_of(prefix);
  if (!end.empty()) return erase_range_.bind(1, prefix).bind(2, end).run();
  if (prefix.empty()) return clear_.run();
  return fail(ErrorKind::kInternal, "a prefix of only the highest bytes cannot be erased");
}

Result<Statement*> SqliteMap::scanning(std::string_view prefix, Direction direction,
                                       std::optional<std::string_view> after) {
  if (direction == Direction::kForward) {
    Statement& statement = after && *after >= prefix ? forward_after_ : forward_from_;
    statement.reset();
    statement.bind(1, after && *after >= prefix ? *after : prefix);
    return &statement;
  }
  end_ = end_of(prefix);
  if (!after && end_.empty()) {
    backward_all_.reset();
    return &backward_all_;
  }
  backward_before_.reset();
  const bool from_after = after && (end_.empty() || *after < end_);
  backward_before_.bind(1, from_after ? *after : std::string_view(end_));
  return &backward_before_;
}

Status SqliteMap::scan(std::string_view prefix, Direction direction, const Visit& visit,
                       std::optional<std::string_view> after) {
  PENSTOCK_ASSIGN(Statement* const statement, scanning(prefix, direction, after));
  for (;;) {
    PENSTOCK_ASSIGN(const bool row, statement->step());
    if (!row) return {};
    const std::string_view key = statement->bytes(0);
    bool more = key.substr(0, prefix.size()) == prefix;
    if (more) {
      auto visited = visit(key, statement->bytes(1));
      if (!visited) {
        statement->reset();
        return fail(std::move(visited).error());
      }
      more = *visited;
    }
    if (more) continue;
    statement->reset();
    return {};
  }
}

}  // namespace penstock
