#include "projection/state/database.h"

#include <sqlite3.h>

#include <filesystem>
#include <mutex>
#include <utility>

namespace penstock {

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), database_(other.database_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  std::swap(database_, other.database_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, std::int64_t number) {
  sqlite3_bind_int64(statement_, parameter, number);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view bytes) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  sqlite3_bind_blob64(statement_, parameter, data, bytes.size(), nullptr);  // SQLITE_STATIC
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  sqlite3_bind_null(statement_, parameter);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  const bool done = code == SQLITE_DONE;
  if (done) {
    sqlite3_reset(statement_);
    return false;
  }
  Error error = database_->error(code, sqlite3_sql(statement_));
  sqlite3_reset(statement_);
  return fail(std::move(error));
}

Status Statement::run() {
  PENSTOCK_ASSIGN(const bool row, step());
  if (row) reset();
  return {};
}

bool Statement::is_integer(int column) { return sqlite3_column_type(statement_, column) == SQLITE_INTEGER; }

std::int64_t Statement::integer(int column) { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::bytes(int column) {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Statement::reset() { sqlite3_reset(statement_); }

// Once for the process, before SQLite is in use.
static void configure_sqlite(const std::string& path) {
  static std::once_flag once;
  std::call_once(once, [&] {
    // Without its statistics each allocation takes one lock less.
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    // What an index is sorted in lies beside the database: /var/tmp may be small. A folder that goes is
    // passed over.
    const std::string folder = std::filesystem::path(path).parent_path().string();
    if (!folder.empty()) sqlite3_temp_directory = sqlite3_mprintf("%s", folder.c_str());
  });
}

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  configure_sqlite(options.path);
  std::unique_ptr<Database> database(new Database(options.path));
  const int code = sqlite3_open_v2(options.path.c_str(), &database->handle_,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) return fail(database->error(code, "opening it"));
  sqlite3_extended_result_codes(database->handle_, 1);
  // Exclusive: one process, and the index of the WAL needs no shared memory.
  const char* durable[] = {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"};
  const char* scratch[] = {"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF"};
  for (const char* pragma :
       {"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA page_size = 8192",
        options.scratch ? scratch[0] : durable[0], options.scratch || !options.sync ? scratch[1] : durable[1],
        "PRAGMA mmap_size = 0", "PRAGMA temp_store = FILE", "PRAGMA wal_autocheckpoint = 4000",
        "PRAGMA journal_size_limit = 67108864"})
    PENSTOCK_TRY(database->execute(pragma));
  PENSTOCK_TRY(database->execute("PRAGMA cache_size = -" + std::to_string(options.cache_bytes / 1024)));
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

Result<Statement> Database::prepare(const std::string& sql) {
  Statement statement;
  statement.database_ = this;
  const int code = sqlite3_prepare_v3(handle_, sql.c_str(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement.statement_, nullptr);
  if (code != SQLITE_OK) return fail(error(code, sql));
  return statement;
}

Status Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(error(code, sql));
  return {};
}

std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }

Error Database::error(int code, std::string_view doing) {
  const int primary = code & 0xFF;
  damaged_ = damaged_ || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
  std::string message = "the state file " + path_ + ": " +
                        (handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code)) + " (" +
                        std::string(doing) + ")";
  if (primary == SQLITE_BUSY)
    return make_error(ErrorKind::kConfiguration, std::move(message),
                      "another process uses it: give each pipeline a name or a state directory of its own");
  if (primary == SQLITE_FULL || primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN ||
      primary == SQLITE_READONLY || primary == SQLITE_PERM)
    return make_error(ErrorKind::kConfiguration, std::move(message),
                      "the directory `state:` must be writable and have space; then start again");
  return make_error(ErrorKind::kInternal, std::move(message),
                    "it is only a cache: delete it, and the tables of read models are loaded again");
}

void remove_database(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path + suffix, ignored);
}

}  // namespace penstock
