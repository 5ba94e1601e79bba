// SQLite, one connection: statements that are prepared once, and errors as values. https://sqlite.org/c3ref
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace penstock {

class Database;

// A prepared statement. Bound texts must live until the statement is reset. One that is being stepped must
// not be used for something else meanwhile.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  explicit operator bool() const { return statement_ != nullptr; }
  Statement& bind(int parameter, std::int64_t number);     // parameters count from 1
  Statement& bind(int parameter, std::string_view bytes);  // a blob
  Statement& bind_null(int parameter);
  // True: there is a row. False: done; the statement is reset.
  Result<bool> step();
  // For statements without rows.
  Status run();
  bool is_integer(int column);
  std::int64_t integer(int column);    // columns count from 0
  std::string_view bytes(int column);  // until the next step or reset
  void reset();

 private:
  friend class Database;
  sqlite3_stmt* statement_ = nullptr;
  Database* database_ = nullptr;
};

struct DatabaseOptions {
  std::string path;
  std::size_t cache_bytes = 48U << 20;
  bool sync = true;  // false: a commit may be lost with the machine's power (tests)
  // For a state that does not outlive the process: nothing is written twice, and a crash loses it.
  bool scratch = false;
};

// One thread. Between begin() and commit() everything is one transaction.
class Database {
 public:
  // kInternal: the file cannot be opened or is no database; damaged() tells whether beginning anew helps.
  static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<Statement> prepare(const std::string& sql);
  Status execute(const std::string& sql);
  std::int64_t changes() const;  // rows of the last insert, update or delete
  Status begin() { return execute("BEGIN"); }
  Status commit() { return execute("COMMIT"); }
  // SQLite said that the file is damaged or no database.
  bool damaged() const { return damaged_; }

  Error error(int code, std::string_view doing);

 private:
  explicit Database(std::string path) : path_(std::move(path)) {}
  std::string path_;
  sqlite3* handle_ = nullptr;
  bool damaged_ = false;
};

// The file and what SQLite keeps beside it.
void remove_database(const std::string& path);

}  // namespace penstock
