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
  return database.execute("DROP TABLE IF EXISTS " + RowTable(database, number, form).rows_name());
}

// Rows lie by their key, or by the value they are joined on most; then their keys are an index.
Status RowTable::create() {
  const std::string key = type_of(form_.integer_key);
  std::string columns = "k " + key + (form_.clustered ? " NOT NULL" : " PRIMARY KEY NOT NULL");
  for (std::size_t i = 0; i < form_.indexes.size(); ++i)
    columns += ", " + join_name(i) + " " + type_of(integer_join(i)) + (clustered(i) ? " NOT NULL" : "");
  columns += ", m INTEGER NOT NULL, p BLOB NOT NULL";
  if (form_.clustered) columns += ", PRIMARY KEY(" + join_name(*form_.clustered) + ", k)";
  const bool row_ids = form_.integer_key && !form_.clustered;
  PENSTOCK_TRY(database_.execute("CREATE TABLE IF NOT EXISTS " + rows_name() + "(" + columns + ")" +
                                 (row_ids ? "" : " WITHOUT ROWID")));
  if (!form_.clustered) return {};
  return database_.execute("CREATE UNIQUE INDEX IF NOT EXISTS " + keys_name() + " ON " + rows_name() + "(k)");
}

Status RowTable::prepare() {
  std::string names = "k, m, p";
  std::string all_set = "m = ?2, p = ?3";
  for (std::size_t i = 0; i < form_.indexes.size(); ++i) {
    names += ", " + join_name(i);
    all_set += ", " + join_name(i) + " = ?" + std::to_string(join_place(i));
  }
  const std::string rows = rows_name();
  const std::string by_key = form_.clustered ? rows + " INDEXED BY " + keys_name() : rows;
  std::string insert = "INSERT OR IGNORE INTO " + rows + "(" + names + ") VALUES" + new_row(0);
  PENSTOCK_ASSIGN(insert_, database_.prepare(insert));
  for (std::size_t i = 1; i < kMany; ++i) insert += ", " + new_row(static_cast<int>(i));
  PENSTOCK_ASSIGN(insert_many_, database_.prepare(insert));
  std::string here = " WHERE k = ?1";
  if (form_.clustered) here += " AND " + join_name(*form_.clustered) + " = ";
  const std::string old = form_.clustered ? "?" + std::to_string(join_place(form_.indexes.size())) : "";
  PENSTOCK_ASSIGN(update_, database_.prepare("UPDATE " + rows + " SET m = ?2, p = ?3" + here + old));
  PENSTOCK_ASSIGN(move_, database_.prepare("UPDATE " + rows + " SET " + all_set + here + old));
  PENSTOCK_ASSIGN(erase_, database_.prepare("DELETE FROM " + rows + here + (form_.clustered ? "?2" : "")));
  PENSTOCK_ASSIGN(find_, database_.prepare("SELECT m, p FROM " + by_key + " WHERE k = ?1"));
  const std::string all = "SELECT k, m, p FROM " + by_key;
  PENSTOCK_ASSIGN(first_, database_.prepare(all + " ORDER BY k LIMIT ?1"));
  PENSTOCK_ASSIGN(next_, database_.prepare(all + " WHERE k > ?2 ORDER BY k LIMIT ?1"));
  indexes_.resize(form_.indexes.size());
  for (std::size_t i = 0; i < form_.indexes.size(); ++i) {
    PENSTOCK_ASSIGN(indexes_[i].made, clustered(i) ? Result<bool>(true) : exists(index_name(i)));
    if (indexes_[i].made) PENSTOCK_TRY(prepare_index(i));
  }
  if (!form_.clustered) return {};
  const std::string join = join_name(*form_.clustered);
  PENSTOCK_ASSIGN(rows_of_,
                  database_.prepare("SELECT k, m, p FROM " + rows + " WHERE " + join + " = ?1 ORDER BY k"));
  PENSTOCK_ASSIGN(rows_from_, database_.prepare("SELECT k, m, p, " + join + " FROM " + rows + " WHERE " +
                                                join + " >= ?1 ORDER BY " + join + ", k LIMIT ?2"));
  return {};
}

// The places of a row's values among those of several rows.
std::string RowTable::new_row(int row) const {
  const int width = join_place(form_.indexes.size()) - 1;
  std::string places;
  for (int i = 1; i <= width; ++i) places += (i > 1 ? ", ?" : "?") + std::to_string(row * width + i);
  return "(" + places + ")";
}

void RowTable::bind_row(Statement& statement, int row, std::string_view key, const Joins& joins,
                        std::string_view payload, std::int64_t mark) const {
  const int before = row * (join_place(form_.indexes.size()) - 1);
  bind_key(statement, before + 1, key);
  statement.bind(before + 2, mark).bind(before + 3, payload);
  bind_joins(statement, before, joins);
}

Result<bool> RowTable::exists(const std::string& index) {
  PENSTOCK_ASSIGN(Statement known, database_.prepare("SELECT 1 FROM sqlite_master WHERE type = 'index' AND "
                                                     "name = '" +
                                                     index + "'"));
  PENSTOCK_ASSIGN(const bool found, known.step());
  known.reset();
  return found;
}

Status RowTable::make_indexes() {
  for (std::size_t i = 0; i < indexes_.size(); ++i) PENSTOCK_TRY(make_index(i));
  return {};
}

// Made at once from all rows: several times cheaper than with each of them.
Status RowTable::make_index(std::size_t index) {
  if (indexes_[index].made) return {};
  const std::string join = join_name(index);
  PENSTOCK_TRY(database_.execute("CREATE INDEX " + index_name(index) + " ON " + rows_name() + "(" + join +
                                 (form_.clustered ? ", k" : "") + ") WHERE " + join + " IS NOT NULL"));
  indexes_[index].made = true;
  return prepare_index(index);
}

Status RowTable::prepare_index(std::size_t index) {
  IndexStatements& statements = indexes_[index];
  const std::string keys = "SELECT k FROM " + rows_name() +
                           (clustered(index) ? "" : " INDEXED BY " + index_name(index)) + " WHERE " +
                           join_name(index) + " = ?1";
  PENSTOCK_ASSIGN(statements.first, database_.prepare(keys + " ORDER BY k LIMIT ?2"));
  PENSTOCK_ASSIGN(statements.next, database_.prepare(keys + " AND k > ?3 ORDER BY k LIMIT ?2"));
  return {};
}

void RowTable::bind_key(Statement& statement, int parameter, std::string_view key) const {
  bind_coded(statement, parameter, form_.integer_key, key);
}

void RowTable::bind_join(Statement& statement, int parameter, std::size_t index,
                         std::string_view value) const {
  if (value.empty() && !clustered(index)) {
    statement.bind_null(parameter);
  } else {
    bind_coded(statement, parameter, integer_join(index), value);
  }
}

void RowTable::bind_joins(Statement& statement, int before, const Joins& joins) const {
  for (std::size_t i = 0; i < joins.size(); ++i) bind_join(statement, before + join_place(i), i, joins[i]);
}

std::string_view RowTable::key_at(Statement& statement, int column, Arena& arena) const {
  if (!form_.integer_key) return arena.copy(statement.bytes(column));
  std::string coded;
  append_integer_key(coded, statement.integer(column));
  return arena.copy(coded);
}

Result<bool> RowTable::insert(std::string_view key, const Joins& joins, std::string_view payload,
                              std::int64_t mark) {
  bind_row(insert_, 0, key, joins, payload, mark);
  PENSTOCK_TRY(insert_.run());
  return database_.changes() > 0;
}

Result<bool> RowTable::insert_many(const NewRows& rows, std::int64_t mark) {
  for (std::size_t i = 0; i < kMany; ++i)
    bind_row(insert_many_, static_cast<int>(i), rows[i].key, rows[i].joins, rows[i].payload, mark);
  PENSTOCK_TRY(insert_many_.run());
  return database_.changes() == static_cast<std::int64_t>(kMany);
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
  const bool moves = old != joins;
  Statement& statement = moves ? move_ : update_;
  bind_key(statement, 1, key);
  statement.bind(2, mark).bind(3, payload);
  if (moves) bind_joins(statement, 0, joins);
  if (form_.clustered)
    bind_join(statement, join_place(form_.indexes.size()), *form_.clustered, old[*form_.clustered]);
  return statement.run();
}

Status RowTable::erase(std::string_view key, const Joins& joins) {
  bind_key(erase_, 1, key);
  if (form_.clustered) bind_join(erase_, 2, *form_.clustered, joins[*form_.clustered]);
  return erase_.run();
}

Status RowTable::list_keys(std::size_t index, std::string_view value, std::optional<std::string_view> after,
                           std::size_t limit, Arena& arena, std::vector<std::string_view>& keys) {
  PENSTOCK_TRY(make_index(index));
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

Status RowTable::list_from(std::string_view value, std::size_t limit, Arena& arena,
                           std::vector<JoinedRow>& rows) {
  const std::size_t index = *form_.clustered;
  bind_join(rows_from_, 1, index, value);
  rows_from_.bind(2, static_cast<std::int64_t>(limit));
  for (;;) {
    PENSTOCK_ASSIGN(const bool found, rows_from_.step());
    if (!found) return {};
    JoinedRow& joined = rows.emplace_back();
    std::string coded;
    if (!integer_join(index)) {
      joined.join = arena.copy(rows_from_.bytes(3));
    } else if (rows_from_.is_integer(3)) {
      append_integer_key(coded, rows_from_.integer(3));
      joined.join = arena.copy(coded);
    } else {  // bytes come after all integers
      rows.pop_back();
      rows_from_.reset();
      return {};
    }
    joined.row = {key_at(rows_from_, 0, arena), arena.copy(rows_from_.bytes(2)), rows_from_.integer(1)};
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

Status RowTable::clear() { return database_.execute("DELETE FROM " + rows_name()); }

}  // namespace penstock
