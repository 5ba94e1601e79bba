#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "integration/load/replica.h"

namespace penstock::test {

using postgres::Connection;

std::string server_url() {
  const char* url = std::getenv("PENSTOCK_TEST_POSTGRES");
  if (url == nullptr)
    ADD_FAILURE() << "PENSTOCK_TEST_POSTGRES is not set: name a server with wal_level=logical";
  return url == nullptr ? "" : url;
}

Playground::Playground() {
  static int number = 0;
  name_ = "penstock_load_" + std::to_string(getpid()) + "_" + std::to_string(++number);
  auto opened = Connection::open(server_url());
  if (!opened) {
    ADD_FAILURE() << opened.error().text();
    std::abort();
  }
  connection_.emplace(std::move(*opened));
  run("CREATE SCHEMA " + name_);
}

Playground::~Playground() {
  if (slot_) {
    for (int i = 0; i < 50; ++i) {  // the walsender ends a moment after its connection
      if (connection_->execute("SELECT pg_drop_replication_slot('" + name_ + "')")) break;
      usleep(50000);
    }
  }
  run("DROP PUBLICATION IF EXISTS " + name_);
  run("DROP SCHEMA " + name_ + " CASCADE");
}

void Playground::run(const std::string& sql) {
  const Status done = connection_->execute("SET search_path = " + name_ + ", public; " + sql);
  EXPECT_TRUE(done) << done.error().text();
  EXPECT_TRUE(connection_->execute("SET search_path = pg_catalog"));
}

postgres::Rows Playground::query(const std::string& sql) {
  EXPECT_TRUE(connection_->execute("SET search_path = " + name_ + ", public"));
  auto rows = connection_->query(sql);
  EXPECT_TRUE(rows) << rows.error().text();
  EXPECT_TRUE(connection_->execute("SET search_path = pg_catalog"));
  return rows ? std::move(*rows) : postgres::Rows(nullptr);
}

void Playground::publish(const std::string& tables, const std::string& options) {
  run("CREATE PUBLICATION " + name_ + " FOR TABLE " + tables +
      (options.empty() ? "" : " WITH (" + options + ")"));
  query("SELECT pg_create_logical_replication_slot('" + name_ + "', 'pgoutput')");
  slot_ = true;
}

postgres::TableDescription Playground::describe(const std::string& table,
                                                const std::vector<std::string>& key) {
  auto described = postgres::describe_table(*connection_, {name_, table}, name_, key);
  EXPECT_TRUE(described) << described.error().text();
  return std::move(*described);
}

Table Playground::rows(const std::string& table) {
  const auto description = describe(table);
  const TableSchema& schema = *description.schema;
  const std::string filter = description.row_filter.empty() ? "" : " WHERE " + description.row_filter;
  const auto found = query("SELECT * FROM " + table + filter);
  Table result;
  for (std::size_t i = 0; i < found.size(); ++i) {
    Row row;
    for (std::size_t c = 0; c < schema.columns.size(); ++c)
      row.push_back(found.is_null(i, c) ? "<null>" : found.string(i, c));
    Row key;
    for (const std::uint16_t column : schema.key) key.push_back(row[column]);
    result.emplace(std::move(key), std::move(row));
  }
  return result;
}

}  // namespace penstock::test
