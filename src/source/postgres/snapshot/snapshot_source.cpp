#include "source/postgres/snapshot/snapshot_source.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>

#include "base/log.h"
#include "source/postgres/byte_reader.h"
#include "source/postgres/event_builder.h"
#include "source/postgres/load/row_reader.h"
#include "source/postgres/load/table_sql.h"
#include "source/postgres/reload_reason.h"
#include "source/postgres/replication_stream.h"
#include "source/postgres/snapshot/snapshot_slot.h"

namespace penstock::postgres {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kBatchRows = 10000;
constexpr std::size_t kBatchBytes = 4U << 20;
constexpr std::size_t kStreamBatchBytes = 1U << 20;
constexpr std::chrono::milliseconds kAskEvery{100};  // how far the server is, while nothing comes
constexpr std::chrono::seconds kSayEvery{5};
constexpr int kMostOpenings = 20;
// A writer's TRUNCATE may wait for the locks held here while a statement of ours waits behind it, in another
// session, so that PostgreSQL sees no deadlock: whoever waits gives up, and the locks go.
constexpr const char* kGiveWay = "SET lock_timeout = '500ms'";

std::int64_t now_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Error changed(const std::string& table, const std::string& reason) {
  return make_error(ErrorKind::kSchemaChanged, "table " + table + " changed while it was compared: " + reason,
                    "run the comparison again once the pipeline has loaded the table");
}

bool gave_way(const Error& error) { return error.message.find("SQLSTATE 55P03") != std::string::npos; }

// What a table's rows are read with.
struct Table {
  explicit Table(TableDescription description) : work(TableLoad{std::move(description), {}, false}) {}
  TableWork work;
  std::atomic<std::uint64_t> rows{0};
  std::atomic<bool> done{false};
};

class PostgresSnapshot final : public SnapshotSource {
 public:
  explicit PostgresSnapshot(SnapshotOptions options) : options_(std::move(options)) {}

  Result<Lsn> open(std::stop_token stop) override;
  const std::vector<TableDescription>& tables() const override { return descriptions_; }
  Status read(std::stop_token stop, const Take& take) override;
  Status stream_to(const Position& position, std::stop_token stop, const Take& take) override;
  Status keep_alive() override;
  void cancel() override;
  std::vector<LoadProgress> progress() const override;

 private:
  Status describe();
  Result<bool> import_snapshot();
  Status lock_tables();
  Status read_table(Table& table, std::stop_token stop, const Take& take);
  Status start_stream();
  // Whether the stream has gone past `until`.
  Result<bool> receive(Lsn until, const Take& take);
  Result<bool> handle(std::string_view payload, Lsn until);
  Status hand_on(const Take& take);
  Status say(bool ask);
  Status check_tables();

  SnapshotOptions options_;
  std::optional<Connection> catalog_;
  std::optional<Connection> reader_;
  std::optional<SnapshotSlot> slot_;
  Lsn consistent_point_;
  std::vector<TableDescription> descriptions_;
  TableBook book_;
  std::deque<Table> tables_;
  std::mutex mutex_;  // of reader_, for cancel()

  std::optional<ReplicationStream> stream_;
  std::unique_ptr<CatalogLookup> lookup_;
  std::unique_ptr<RelationCache> relations_;
  std::unique_ptr<EventBuilder> builder_;
  std::optional<std::string> held_;   // the Begin of a transaction that is not wanted yet
  std::optional<std::string> stale_;  // a table whose leaf was truncated
  Lsn received_;
  Clock::time_point said_;
};

Status PostgresSnapshot::describe() {
  descriptions_.clear();
  book_.clear();
  for (const auto& selection : options_.tables) {
    PENSTOCK_ASSIGN(auto described,
                    describe_table(*catalog_, selection.table, options_.publication, selection.key));
    const std::string name = to_string(selection.table);
    if (!described.published || (described.schema->key.empty() && !options_.keyless))
      return fail(ErrorKind::kConfiguration,
                  "table " + name + (described.published ? " has no key" : " is not in the publication"),
                  "penstock check PIPELINE");
    book_.insert_or_assign(name, described);
    descriptions_.push_back(std::move(described));
  }
  return {};
}

Status PostgresSnapshot::lock_tables() {
  for (const TableDescription& table : descriptions_) {
    PENSTOCK_ASSIGN(const TableSql sql, TableSql::make(table, *reader_));
    PENSTOCK_TRY(reader_->execute(sql.lock()));
  }
  return {};
}

// False: a table was rewritten between its description and its lock, or somebody waits to do so.
Result<bool> PostgresSnapshot::import_snapshot() {
  PENSTOCK_TRY(reader_->execute(kGiveWay));
  PENSTOCK_TRY(reader_->execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  PENSTOCK_TRY(reader_->execute("SET TRANSACTION SNAPSHOT " + reader_->literal(slot_->snapshot)));
  const auto before = descriptions_;
  Status looked = lock_tables();
  if (looked) looked = describe();
  if (!looked && gave_way(looked.error())) {
    descriptions_ = before;
    return false;
  }
  PENSTOCK_TRY(std::move(looked));
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i].fingerprint != descriptions_[i].fingerprint) return false;
  return true;
}

// A TRUNCATE or a rewrite is not seen through a snapshot: the locks must have come before it.
Result<Lsn> PostgresSnapshot::open(std::stop_token stop) {
  PENSTOCK_ASSIGN(auto catalog, Connection::open(options_.url, {false, "penstock verify", 10}));
  catalog_.emplace(std::move(catalog));
  PENSTOCK_TRY(describe());
  PENSTOCK_TRY(catalog_->execute(kGiveWay));
  for (int opening = 0; opening < kMostOpenings; ++opening) {
    PENSTOCK_ASSIGN(auto reader, Connection::open(options_.url, {false, "penstock verify", 10}));
    slot_.reset();
    PENSTOCK_ASSIGN(auto slot, create_snapshot_slot(options_.url, *catalog_, stop));
    {
      const std::lock_guard lock(mutex_);
      reader_.emplace(std::move(reader));
    }
    slot_.emplace(std::move(slot));
    consistent_point_ = slot_->consistent_point;
    PENSTOCK_ASSIGN(const bool imported, import_snapshot());
    if (!imported) {
      const std::lock_guard lock(mutex_);
      reader_.reset();
      continue;
    }
    for (const TableDescription& table : descriptions_) tables_.emplace_back(table);
    return consistent_point_;
  }
  return fail(ErrorKind::kSchemaChanged, "tables are altered or truncated again and again",
              "run the comparison again later");
}

Status PostgresSnapshot::read(std::stop_token stop, const Take& take) {
  for (Table& table : tables_) PENSTOCK_TRY(read_table(table, stop, take));
  PENSTOCK_TRY(reader_->execute("COMMIT"));
  const std::lock_guard lock(mutex_);
  reader_.reset();
  return {};
}

Status PostgresSnapshot::read_table(Table& table, std::stop_token stop, const Take& take) {
  pgtype::TypeCatalog types = type_catalog(*catalog_);
  PENSTOCK_ASSIGN(const TableSql sql, TableSql::make(table.work.description, *reader_));
  std::optional<RowReader> rows;
  std::uint64_t number = 0;
  const auto cut = [&]() -> Status {
    EventBatchPtr batch = rows->finish().batch;
    rows.reset();
    batch->chunk.emplace();
    batch->chunk->table = table.work.name;
    batch->chunk->load_id = 1;
    batch->chunk->done.number = number++;
    batch->chunk->done.rows = batch->events.size();
    return take(std::move(batch));
  };
  const auto line = [&](std::string_view text) -> Status {
    if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped");
    if (!rows) {
      PENSTOCK_ASSIGN(RowReader made, RowReader::make(table.work, types, {}, now_micros()));
      rows.emplace(std::move(made));
    }
    PENSTOCK_TRY(rows->add_row(text));
    ++table.rows;
    return rows->rows() >= kBatchRows || rows->bytes() >= kBatchBytes ? cut() : Status();
  };
  PENSTOCK_TRY(reader_->copy_out(sql.read_all(), line));
  if (rows) PENSTOCK_TRY(cut());
  table.done = true;
  return {};
}

void PostgresSnapshot::cancel() {
  const std::lock_guard lock(mutex_);
  if (reader_) reader_->cancel();
}

std::vector<LoadProgress> PostgresSnapshot::progress() const {
  std::vector<LoadProgress> all;
  for (const Table& table : tables_)
    all.push_back({table.work.name, table.rows,
                   static_cast<std::uint64_t>(table.work.description.estimated_rows), table.done});
  return all;
}

// --- The changes since.

Status PostgresSnapshot::start_stream() {
  if (stream_) return {};
  lookup_ = std::make_unique<CatalogLookup>(*catalog_);
  relations_ = std::make_unique<RelationCache>(*lookup_);
  EventBuilder::Listener listener{[](const Event&) {}, [](std::uint32_t) {}, [](std::string_view) {},
                                  [this](const std::string& table) { stale_ = table; }};
  builder_ = std::make_unique<EventBuilder>(*relations_, book_, std::move(listener),
                                            Position{{}, 0, consistent_point_});
  StreamOptions options{options_.url, slot_->name, options_.publication, consistent_point_,
                        "penstock verify"};
  PENSTOCK_ASSIGN(auto stream, ReplicationStream::start(std::move(slot_->connection), options));
  stream_.emplace(std::move(stream));
  received_ = consistent_point_;
  said_ = Clock::now();
  return {};
}

Status PostgresSnapshot::stream_to(const Position& position, std::stop_token stop, const Take& take) {
  PENSTOCK_TRY(start_stream());
  bool reached = position.commit_lsn < consistent_point_;
  while (!reached) {
    if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped");
    PENSTOCK_ASSIGN(reached, receive(position.commit_lsn, take));
  }
  PENSTOCK_TRY(hand_on(take));
  return check_tables();
}

Result<bool> PostgresSnapshot::receive(Lsn until, const Take& take) {
  if (held_) {
    const std::string payload = std::move(*held_);
    held_.reset();
    PENSTOCK_ASSIGN(const bool reached, handle(payload, until));
    if (reached) return true;
  }
  PENSTOCK_ASSIGN(const auto incoming, stream_->next());
  if (!incoming) {
    PENSTOCK_TRY(say(true));
    stream_->wait(-1, kAskEvery);
    return false;
  }
  PENSTOCK_TRY(say(incoming->keepalive && incoming->reply_requested));
  if (incoming->keepalive) {
    received_ = std::max(received_, incoming->wal_end);
    return !builder_->in_transaction() && incoming->wal_end > until;
  }
  PENSTOCK_ASSIGN(const bool reached, handle(incoming->payload, until));
  if (builder_->bytes() >= kStreamBatchBytes) PENSTOCK_TRY(hand_on(take));
  return reached;
}

Result<bool> PostgresSnapshot::handle(std::string_view payload, Lsn until) {
  if (!payload.empty() && payload.front() == 'B') {
    ByteReader begin(payload.substr(1));
    if (Lsn{begin.u64()} > until) {
      held_.emplace(payload);
      return true;
    }
  }
  PENSTOCK_TRY(builder_->handle(payload));
  return !builder_->in_transaction() && builder_->handled().commit_lsn >= until;
}

Status PostgresSnapshot::hand_on(const Take& take) {
  EventBatchPtr batch = builder_->cut();
  return batch ? take(std::move(batch)) : Status();
}

// The flush position stays where it was: nothing is confirmed.
Status PostgresSnapshot::say(bool ask) {
  const auto now = Clock::now();
  if (now - said_ < (ask ? std::chrono::duration_cast<Clock::duration>(kAskEvery)
                         : std::chrono::duration_cast<Clock::duration>(kSayEvery)))
    return {};
  said_ = now;
  return stream_->send_status(received_, consistent_point_, ask);
}

Status PostgresSnapshot::keep_alive() { return stream_ ? say(false) : Status(); }

// Changes that send no rows: the pipeline loads such a table again, and so its documents are others than
// ours.
Status PostgresSnapshot::check_tables() {
  if (stale_) return fail(changed(*stale_, "a partition was truncated"));
  for (std::size_t i = 0; i < descriptions_.size(); ++i) {
    const TableSelection& selection = options_.tables[i];
    PENSTOCK_ASSIGN(const auto now,
                    describe_table(*catalog_, selection.table, options_.publication, selection.key));
    const auto reason = reload_reason(load_fingerprint(descriptions_[i].fingerprint, ""),
                                      load_fingerprint(now.fingerprint, ""), empty_leaves(*catalog_, now));
    if (reason) return fail(changed(to_string(selection.table), *reason));
  }
  return {};
}

}  // namespace

std::unique_ptr<SnapshotSource> SnapshotSource::make(SnapshotOptions options) {
  return std::make_unique<PostgresSnapshot>(std::move(options));
}

}  // namespace penstock::postgres
