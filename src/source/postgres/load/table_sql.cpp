#include "source/postgres/load/table_sql.h"

#include <charconv>
#include <unordered_map>
#include <utility>

namespace penstock::postgres {
namespace {

// Per column: its type without modifier, and the schema of the operators that ORDER BY uses for it (domains
// as their base type). No default btree operators of its own: those of a pseudo-type or of a
// binary-compatible type, in pg_catalog.
constexpr const char* kColumnsSql =
    "WITH RECURSIVE base AS ("
    "SELECT attname, atttypid AS declared, atttypid AS type FROM pg_attribute "
    "WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped "
    "UNION ALL SELECT b.attname, b.declared, t.typbasetype FROM base b JOIN pg_type t ON t.oid = b.type "
    "WHERE t.typtype = 'd') "
    "SELECT b.attname, format_type(b.declared, -1), coalesce((SELECT n.nspname FROM pg_opclass c "
    "JOIN pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree' "
    "JOIN pg_amop x ON x.amopfamily = c.opcfamily AND x.amopstrategy = 3 AND x.amoplefttype = c.opcintype "
    "AND x.amoprighttype = c.opcintype JOIN pg_operator o ON o.oid = x.amopopr "
    "JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE c.opcdefault AND c.opcintype = b.type LIMIT 1), "
    "'pg_catalog') FROM base b JOIN pg_type t ON t.oid = b.type WHERE t.typtype <> 'd'";

std::string operator_in(const std::string& schema, const char* op) {
  return " OPERATOR(" + quote_identifier(schema) + "." + op + ") ";
}

// An inheritance parent is published without its children; a partitioned table has no rows but its leaves'.
std::string relation(const TableDescription& table) {
  return (table.kind == 'p' ? "" : "ONLY ") + quoted(table.schema->table);
}

std::string snapshot_sql(const TableSchema& schema, const TableSql::Quote& quote) {
  std::string columns;
  for (const Column& column : schema.columns)
    columns += (columns.empty() ? "(" : ", (") + quote(column.name) + "::name, " +
               std::to_string(column.type_oid) + "::oid, " + std::to_string(column.type_modifier) + ")";
  return "SELECT pg_catalog.pg_current_snapshot(), (extract(epoch FROM clock_timestamp()) * "
         "1000000)::bigint, "
         "(SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = " +
         std::to_string(schema.oid) + " AND attrelid = pg_catalog.to_regclass(" +
         quote(quoted(schema.table)) + ") AND NOT attisdropped AND (attname, atttypid, atttypmod) IN (" +
         columns + "))";
}

}  // namespace

Result<TableSql> TableSql::make(const TableDescription& table, Connection& connection) {
  PENSTOCK_ASSIGN(const Rows rows, connection.query(kColumnsSql, {quoted(table.schema->table)}));
  if (rows.size() == 0)
    return fail(ErrorKind::kConfiguration,
                "table " + to_string(table.schema->table) + " is gone since its load began",
                "create it again, or take its collections out of the pipeline file");
  std::unordered_map<std::string, ColumnSql> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found[rows.string(i, 0)] = {rows.string(i, 1), rows.string(i, 2)};
  std::vector<ColumnSql> columns;
  for (const Column& column : table.schema->columns) {
    const auto sql = found.find(column.name);
    if (sql == found.end())
      return fail(ErrorKind::kSchemaChanged, "column " + to_string(table.schema->table) + "." + column.name +
                                                 " is gone since its load began");
    columns.push_back(sql->second);
  }
  // Standard strings are on and the text is UTF-8 in every session of ours.
  return TableSql(table, std::move(columns), [](std::string_view text) {
    std::string quoted_text = text.find('\\') == std::string_view::npos ? "'" : " E'";
    for (const char c : text) {
      if (c == '\'' || c == '\\') quoted_text.push_back(c);
      quoted_text.push_back(c);
    }
    return quoted_text + "'";
  });
}

TableSql::TableSql(const TableDescription& table, std::vector<ColumnSql> columns, Quote quote)
    : table_(table), schema_(*table.schema), columns_(std::move(columns)), quote_(std::move(quote)) {
  from_ = " FROM " + relation(table) + " AS t";
  lock_ = "LOCK TABLE " + relation(table) + " IN ACCESS SHARE MODE";
  snapshot_ = snapshot_sql(schema_, quote_);
  for (const Column& column : schema_.columns)
    select_list_ += (select_list_.empty() ? "t." : ", t.") + quote_identifier(column.name);
}

std::string TableSql::literal(std::size_t column, const std::string& text) const {
  return quote_(text) + "::" + columns_[column].cast;
}

std::string TableSql::compare(std::size_t column, const char* op, const std::string& text) const {
  return "t." + quote_identifier(schema_.columns[column].name) +
         operator_in(columns_[column].operator_schema, op) + literal(column, text);
}

std::string TableSql::key_columns(const char* suffix) const {
  std::string list;
  for (const std::uint16_t column : schema_.key)
    list += (list.empty() ? "t." : ", t.") + quote_identifier(schema_.columns[column].name) + suffix;
  return list;
}

// For operators of several schemas, which a row comparison cannot name: a > x OR (a = x AND (b > y OR ...)).
std::string TableSql::beyond_stepwise(const KeyText& key, const char* op, std::size_t from) const {
  const std::size_t column = schema_.key[from];
  if (from + 1 == key.size()) return compare(column, op, key[from]);
  const char* strict = op[0] == '>' ? ">" : "<";
  return "(" + compare(column, strict, key[from]) + " OR (" + compare(column, "=", key[from]) + " AND " +
         beyond_stepwise(key, op, from + 1) + "))";
}

std::string TableSql::beyond(const KeyText& key, const char* op) const {
  if (key.size() == 1) return compare(schema_.key[0], op, key[0]);
  const std::string& schema = columns_[schema_.key[0]].operator_schema;
  std::string values;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const std::size_t column = schema_.key[i];
    if (columns_[column].operator_schema != schema)
      return "(" + compare(schema_.key[0], op[0] == '>' ? ">=" : "<=", key[0]) + " AND " +
             beyond_stepwise(key, op, 0) + ")";
    values += (i == 0 ? "" : ", ") + literal(column, key[i]);
  }
  return "ROW(" + key_columns("") + ")" + operator_in(schema, op) + "ROW(" + values + ")";
}

std::string TableSql::in_range(const KeyRange& range) const {
  return (range.from ? beyond(*range.from, ">") + " AND " : std::string()) + beyond(range.to, "<=");
}

std::string TableSql::greatest_key() const {
  return "SELECT " + key_columns("") + from_ + " ORDER BY " + key_columns(" DESC") + " LIMIT 1";
}

std::string TableSql::estimate() const { return "EXPLAIN (FORMAT JSON) SELECT 1" + from_; }

std::string TableSql::nth_key(const KeyRange& range, std::size_t nth) const {
  return "SELECT " + key_columns("") + from_ + " WHERE " + in_range(range) + " ORDER BY " + key_columns("") +
         " OFFSET " + std::to_string(nth - 1) + " LIMIT 1";
}

std::string TableSql::read_range(const KeyRange& range) const {
  const std::string filter = table_.row_filter.empty() ? "" : " AND (" + table_.row_filter + ")";
  return "COPY (SELECT " + select_list_ + from_ + " WHERE " + in_range(range) + filter + " ORDER BY " +
         key_columns("") + ") TO STDOUT";
}

std::string TableSql::read_all() const {
  const std::string filter = table_.row_filter.empty() ? "" : " WHERE (" + table_.row_filter + ")";
  return "COPY (SELECT " + select_list_ + from_ + filter + ") TO STDOUT";
}

std::string TableSql::order_of(const std::vector<KeyText>& keys) const {
  std::string names;
  std::string order;
  std::string values;
  for (std::size_t i = 0; i < schema_.key.size(); ++i) {
    const std::string name = "k" + std::to_string(i);
    names += ", " + name;
    // The column's collation, which the literal alone would not have.
    order += (i == 0 ? "" : ", ") + name;
  }
  for (std::size_t k = 0; k < keys.size(); ++k) {
    values += (k == 0 ? "(" : ", (") + std::to_string(k);
    for (std::size_t i = 0; i < keys[k].size(); ++i) values += ", " + literal(schema_.key[i], keys[k][i]);
    values += ")";
  }
  // Empty, but it gives the literals the columns' collations.
  const std::string typed = "SELECT -1, " + key_columns("") + from_ + " WHERE false";
  return "SELECT ordinal FROM (" + typed + " UNION ALL VALUES " + values + ") AS r(ordinal" + names +
         ") ORDER BY " + order;
}

std::string TableSql::read_keys(const std::vector<std::uint16_t>& columns, const std::vector<Reread>& rows,
                                bool ordinals_only) const {
  std::string values;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    values += (r == 0 ? "(" : ", (") + std::to_string(r);
    for (std::size_t i = 0; i < columns.size(); ++i) values += ", " + literal(columns[i], rows[r].key[i]);
    values += ")";
  }
  std::string names;
  std::string condition;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string name = "k" + std::to_string(i);
    names += ", " + name;
    condition += (i == 0 ? "" : " AND ") + ("t." + quote_identifier(schema_.columns[columns[i]].name)) +
                 operator_in(columns_[columns[i]].operator_schema, "=") + "r." + name;
  }
  const std::string filter = table_.row_filter.empty() ? "" : " WHERE (" + table_.row_filter + ")";
  return "COPY (SELECT r.ordinal" + (ordinals_only ? "" : ", " + select_list_) + " FROM (VALUES " + values +
         ") AS r(ordinal" + names + ") JOIN (SELECT *" + from_ + filter + ") AS t ON " + condition +
         ") TO STDOUT";
}

std::uint64_t planned_rows(std::string_view explain_json) {
  constexpr std::string_view kName = "\"Plan Rows\":";
  std::size_t at = explain_json.find(kName);
  if (at == std::string_view::npos) return 0;
  at = explain_json.find_first_not_of(' ', at + kName.size());
  if (at == std::string_view::npos) return 0;
  std::uint64_t rows = 0;
  std::from_chars(explain_json.data() + at, explain_json.data() + explain_json.size(), rows);
  return rows;
}

}  // namespace penstock::postgres
