#include "projection/state/row_table.h"

#include "projection/state/key_code.h"

namespace penstock {
namespace {

const char* type_of(bool integer) { return integer ? "INTEGER" : "BLOB"; }

void bind_coded(Statement& statement, int parameter, bool integer, std::string_view value) {
  if (integer && !value.empty()) {
    statement.bind(parameter, integer_of_key(value));
  } else {
    statement.bind(parameter, value);
  }
}

}  // namespace

std::string RowForm::text() const {
  std::string out = integer_key ? "integer" : "bytes";
  for (const Index& index : indexes) out += (index.integer ? " integer(" : " bytes(") + index.name + ")";
  if (clustered) out += " by " + std::to_string(*clustered);
  return out;
}

Result<std::unique_ptr<RowTable>> RowTable::open(Database& database, std::int64_t number, RowForm form) {
  std::unique_ptr<RowTable> table(new RowTable(database, number, std::move(form)));
  PENSTOCK_TRY(table->create());
  PENSTOCK_TRY(table->prepare());
  return table;
}

Status RowTable::drop(Database& database, std::int64_t number, const RowForm& form) {
  const RowTable table(database, number, form);
  PENSTOCK_TRY(database.execute("DROP TABLE IF EXISTS " + table.rows_name()));
  PENSTOCK_TRY(database.execute("DROP TABLE IF EXISTS " + table.keys_name()));
  for (std::size_t i = 0; i < form.indexes.size(); ++i)
    PENSTOCK_TRY(database.execute("DROP TABLE IF EXISTS " + table.index_name(i)));
  return {};
}

Status RowTable::create() {
  const std::string key = type_of(form_.integer_key);
  const std::string make = "CREATE TABLE IF NOT EXISTS ";
  if (form_.clustered) {
    const std::string join = type_of(integer_join(*form_.clustered));
    PENSTOCK_TRY(database_.execute(make + rows_name() + "(j " + join + " NOT NULL, k " + key +
                                   " NOT NULL, m INTEGER NOT NULL, p BLOB NOT NULL, PRIMARY KEY(j, k)) "
                                   "WITHOUT ROWID"));
    PENSTOCK_TRY(database_.execute(make + keys_name() + "(k " + key + " PRIMARY KEY NOT NULL, j " + join +
                                   " NOT NULL)" + (form_.integer_key ? "" : " WITHOUT ROWID")));
  } else {
    PENSTOCK_TRY(database_.execute(make + rows_name() + "(k " + key +
                                   " PRIMARY KEY NOT NULL, m INTEGER NOT NULL, p BLOB NOT NULL)" +
                                   (form_.integer_key ? "" : " WITHOUT ROWID")));
  }
  for (std::size_t i = 0; i < form_.indexes.size(); ++i) {
    if (clustered(i)) continue;
    PENSTOCK_TRY(database_.execute(make + index_name(i) + "(j " + type_of(integer_join(i)) + " NOT NULL, k " +
                                   key + " NOT NULL, PRIMARY KEY(j, k)) WITHOUT ROWID"));
  }
  return {};
}

Status RowTable::prepare() {
  const std::string rows = rows_name();
  const std::string keys = keys_name();
  if (form_.clustered) {
    PENSTOCK_ASSIGN(insert_key_,
                    database_.prepare("INSERT OR IGNORE INTO " + keys + "(k, j) VALUES(?1, ?2)"));
    PENSTOCK_ASSIGN(update_key_, database_.prepare("UPDATE " + keys + " SET j = ?2 WHERE k = ?1"));
    PENSTOCK_ASSIGN(erase_key_, database_.prepare("DELETE FROM " + keys + " WHERE k = ?1"));
    PENSTOCK_ASSIGN(insert_row_, database_.prepare("INSERT OR REPLACE INTO " + rows +
                                                   "(k, m, p, j) VALUES(?1, ?2, ?3, ?4)"));
    PENSTOCK_ASSIGN(update_,
                    database_.prepare("UPDATE " + rows + " SET m = ?2, p = ?3 WHERE k = ?1 AND j = ?4"));
    PENSTOCK_ASSIGN(erase_row_, database_.prepare("DELETE FROM " + rows + " WHERE k = ?1 AND j = ?2"));
    PENSTOCK_ASSIGN(find_, database_.prepare("SELECT r.m, r.p FROM " + keys + " x CROSS JOIN " + rows +
                                             " r ON r.j = x.j AND r.k = x.k WHERE x.k = ?1"));
    PENSTOCK_ASSIGN(rows_of_, database_.prepare("SELECT k, m, p FROM " + rows + " WHERE j = ?1 ORDER BY k"));
    const std::string all =
        "SELECT x.k, r.m, r.p FROM " + keys + " x CROSS JOIN " + rows + " r ON r.j = x.j AND r.k = x.k";
    PENSTOCK_ASSIGN(first_, database_.prepare(all + " ORDER BY x.k LIMIT ?1"));
    PENSTOCK_ASSIGN(next_, database_.prepare(all + " WHERE x.k > ?2 ORDER BY x.k LIMIT ?1"));
  } else {
    PENSTOCK_ASSIGN(insert_row_,
                    database_.prepare("INSERT OR IGNORE INTO " + rows + "(k, m, p) VALUES(?1, ?2, ?3)"));
    PENSTOCK_ASSIGN(update_, database_.prepare("UPDATE " + rows + " SET m = ?2, p = ?3 WHERE k = ?1"));
    PENSTOCK_ASSIGN(erase_row_, database_.prepare("DELETE FROM " + rows + " WHERE k = ?1"));
    PENSTOCK_ASSIGN(find_, database_.prepare("SELECT m, p FROM " + rows + " WHERE k = ?1"));
    const std::string all = "SELECT k, m, p FROM " + rows;
    PENSTOCK_ASSIGN(first_, database_.prepare(all + " ORDER BY k LIMIT ?1"));
    PENSTOCK_ASSIGN(next_, database_.prepare(all + " WHERE k > ?2 ORDER BY k LIMIT ?1"));
  }
  indexes_.resize(form_.indexes.size());
  for (std::size_t i = 0; i < form_.indexes.size(); ++i) PENSTOCK_TRY(prepare_index(i));
  return {};
}

Status RowTable::prepare_index(std::size_t index) {
  IndexStatements& statements = indexes_[index];
  const std::string table = clustered(index) ? rows_name() : index_name(index);
  const std::string keys = "SELECT k FROM " + table + " WHERE j = ?1";
  PENSTOCK_ASSIGN(statements.first, database_.prepare(keys + " ORDER BY k LIMIT ?2"));
  PENSTOCK_ASSIGN(statements.next, database_.prepare(keys + " AND k > ?3 ORDER BY k LIMIT ?2"));
  if (clustered(index)) return {};
  PENSTOCK_ASSIGN(statements.insert,
                  database_.prepare("INSERT OR IGNORE INTO " + table + "(j, k) VALUES(?1, ?2)"));
  PENSTOCK_ASSIGN(statements.erase, database_.prepare("DELETE FROM " + table + " WHERE j = ?1 AND k = ?2"));
  return {};
}

void RowTable::bind_key(Statement& statement, int parameter, std::string_view key) const {
  bind_coded(statement, parameter, form_.integer_key, key);
}

void RowTable::bind_join(Statement& statement, int parameter, std::size_t index,
                         std::string_view value) const {
  bind_coded(statement, parameter, integer_join(index), value);
}

std::string_view RowTable::key_at(Statement& statement, int column, Arena& arena) const {
  if (!form_.integer_key) return arena.copy(statement.bytes(column));
  std::string coded;
  append_integer_key(coded, statement.integer(column));
  return arena.copy(coded);
}

Result<bool> RowTable::insert(std::string_view key, const Joins& joins, std::string_view payload,
                              std::int64_t mark) {
  if (form_.clustered) {
    bind_key(insert_key_, 1, key);
    bind_join(insert_key_, 2, *form_.clustered, joins[*form_.clustered]);
    PENSTOCK_TRY(insert_key_.run());
    if (database_.changes() == 0) return false;
    bind_join(insert_row_, 4, *form_.clustered, joins[*form_.clustered]);
  }
  bind_key(insert_row_, 1, key);
  insert_row_.bind(2, mark).bind(3, payload);
  PENSTOCK_TRY(insert_row_.run());
  if (!form_.clustered && database_.changes() == 0) return false;
  for (std::size_t i = 0; i < joins.size(); ++i) PENSTOCK_TRY(put_index(i, key, joins[i]));
  return true;
}

Status RowTable::put_index(std::size_t index, std::string_view key, std::string_view value) {
  if (clustered(index) || value.empty()) return {};
  Statement& statement = indexes_[index].insert;
  bind_join(statement, 1, index, value);
  bind_key(statement, 2, key);
  return statement.run();
}

Status RowTable::erase_index(std::size_t index, std::string_view key, std::string_view value) {
  if (clustered(index) || value.empty()) return {};
  Statement& statement = indexes_[index].erase;
  bind_join(statement, 1, index, value);
  bind_key(statement, 2, key);
  return statement.run();
}

Result<std::optional<StoredRow>> RowTable::find(std::string_view key, Arena& arena) {
  bind_key(find_, 1, key);
  PENSTOCK_ASSIGN(const bool found, find_.step());
  if (!found) return std::optional<StoredRow>();
  StoredRow row{key, arena.copy(find_.bytes(1)), find_.integer(0)};
  find_.reset();
  return std::optional<StoredRow>(row);
}

Status RowTable::replace(std::string_view key, const Joins& old, const Joins& joins, std::string_view payload,
                         std::int64_t mark) {
  for (std::size_t i = 0; i < joins.size(); ++i) {
    if (old[i] == joins[i]) continue;
    PENSTOCK_TRY(erase_index(i, key, old[i]));
    PENSTOCK_TRY(put_index(i, key, joins[i]));
  }
  if (form_.clustered && old[*form_.clustered] != joins[*form_.clustered]) {
    const std::size_t index = *form_.clustered;
    bind_key(erase_row_, 1, key);
    bind_join(erase_row_, 2, index, old[index]);
    PENSTOCK_TRY(erase_row_.run());
    bind_key(update_key_, 1, key);
    bind_join(update_key_, 2, index, joins[index]);
    PENSTOCK_TRY(update_key_.run());
    bind_key(insert_row_, 1, key);
    insert_row_.bind(2, mark).bind(3, payload);
    bind_join(insert_row_, 4, index, joins[index]);
    return insert_row_.run();
  }
  bind_key(update_, 1, key);
  update_.bind(2, mark).bind(3, payload);
  if (form_.clustered) bind_join(update_, 4, *form_.clustered, joins[*form_.clustered]);
  return update_.run();
}

Status RowTable::erase(std::string_view key, const Joins& joins) {
  for (std::size_t i = 0; i < joins.size(); ++i) PENSTOCK_TRY(erase_index(i, key, joins[i]));
  bind_key(erase_row_, 1, key);
  if (form_.clustered) {
    bind_join(erase_row_, 2, *form_.clustered, joins[*form_.clustered]);
    bind_key(erase_key_, 1, key);
    PENSTOCK_TRY(erase_key_.run());
  }
  return erase_row_.run();
}

Status RowTable::list_keys(std::size_t index, std::string_view value, std::optional<std::string_view> after,
                           std::size_t limit, Arena& arena, std::vector<std::string_view>& keys) {
  Statement& statement = after ? indexes_[index].next : indexes_[index].first;
  bind_join(statement, 1, index, value);
  statement.bind(2, static_cast<std::int64_t>(limit));
  if (after) bind_key(statement, 3, *after);
  for (;;) {
    PENSTOCK_ASSIGN(const bool row, statement.step());
    if (!row) return {};
    keys.push_back(key_at(statement, 0, arena));
  }
}

Status RowTable::list_rows(std::string_view value, Arena& arena, std::vector<StoredRow>& rows) {
  bind_join(rows_of_, 1, *form_.clustered, value);
  for (;;) {
    PENSTOCK_ASSIGN(const bool row, rows_of_.step());
    if (!row) return {};
    rows.push_back({key_at(rows_of_, 0, arena), arena.copy(rows_of_.bytes(2)), rows_of_.integer(1)});
  }
}

Status RowTable::scan(std::optional<std::string_view> after, std::size_t limit, Arena& arena,
                      std::vector<StoredRow>& rows) {
  Statement& statement = after ? next_ : first_;
  statement.bind(1, static_cast<std::int64_t>(limit));
  if (after) bind_key(statement, 2, *after);
  for (;;) {
    PENSTOCK_ASSIGN(const bool row, statement.step());
    if (!row) return {};
    rows.push_back({key_at(statement, 0, arena), arena.copy(statement.bytes(2)), statement.integer(1)});
  }
}

Result<bool> RowTable::empty() {
  Arena arena;
  std::vector<StoredRow> rows;
  PENSTOCK_TRY(scan(std::nullopt, 1, arena, rows));
  return rows.empty();
}

Status RowTable::clear() {
  PENSTOCK_TRY(database_.execute("DELETE FROM " + rows_name()));
  if (form_.clustered) PENSTOCK_TRY(database_.execute("DELETE FROM " + keys_name()));
  for (std::size_t i = 0; i < form_.indexes.size(); ++i) {
    if (!clustered(i)) PENSTOCK_TRY(database_.execute("DELETE FROM " + index_name(i)));
  }
  return {};
}

}  // namespace penstock
