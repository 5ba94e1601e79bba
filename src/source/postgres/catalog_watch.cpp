#include "source/postgres/catalog_watch.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "base/log.h"

namespace penstock::postgres {

class CatalogWatch::Impl {
 public:
  Impl(const SourceOptions& options, std::map<std::string, std::uint32_t> oids, std::function<void()> wake)
      : options_(options), wake_(std::move(wake)), oids_(std::move(oids)) {
    thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
  }

  void look_now() {
    const std::lock_guard lock(mutex_);
    asked_ = true;
    changed_.notify_all();
  }

  std::unique_ptr<Look> take() {
    const std::lock_guard lock(mutex_);
    return std::move(look_);
  }

 private:
  void run(std::stop_token stop) {
    while (!stop.stop_requested()) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, options_.catalog_interval, [this] { return asked_; });
        asked_ = false;
      }
      if (stop.stop_requested()) return;
      auto look = look_once();
      if (!look) {
        log::debug("the catalog could not be compared: {}", look.error().message);
        connection_.reset();
        continue;
      }
      {
        const std::lock_guard lock(mutex_);
        look_ = std::make_unique<Look>(std::move(*look));
      }
      wake_();
    }
  }

  Result<Look> look_once() {
    if (!connection_) {
      PENSTOCK_ASSIGN(auto opened, Connection::open(options_.url, {false, "penstock catalog", 10}));
      connection_.emplace(std::move(opened));
      // PostgreSQL 18 locks a table to say whether it is published: behind an ALTER TABLE the look is given
      // up for now.
      PENSTOCK_TRY(connection_->execute("SET lock_timeout = '2s'"));
    }
    PENSTOCK_TRY(find_new());
    Look look;
    for (const auto& selection : options_.tables) PENSTOCK_TRY(look_at(selection, look));
    return look;
  }

  // Tables that have come into the publication.
  Status find_new() {
    if (!options_.follow) return {};
    PENSTOCK_ASSIGN(const auto publication, describe_publication(*connection_, options_.publication));
    for (const TableName& table : publication.tables) {
      const bool known = std::any_of(options_.tables.begin(), options_.tables.end(),
                                     [&](const auto& selection) { return selection.table == table; });
      if (!known && options_.follow(table)) options_.tables.push_back({table, {}, {}, {}, {}});
    }
    return {};
  }

  Status look_at(const TableSelection& selection, Look& look) {
    const std::string table = to_string(selection.table);
    auto described = describe_table(*connection_, selection.table, options_.publication, selection.key);
    if (!described && described.error().kind == ErrorKind::kConfiguration) {
      PENSTOCK_ASSIGN(look.problems[table], absence_of(table));
      return {};
    }
    if (!described) {
      if (described.error().kind == ErrorKind::kPostgresUnavailable)
        return fail(std::move(described).error());
      if (complained_.insert(table).second) log::error("table {}: {}", table, described.error().text());
      return {};
    }
    complained_.erase(table);
    oids_[table] = described->schema->oid;
    if (!described->published)
      look.problems[table] =
          "has left the publication; what was written of it stays as it is. ALTER PUBLICATION " +
          quote_identifier(options_.publication) + " ADD TABLE " + quoted(selection.table) +
          "; takes it in again";
    if (leaves_[table] != described->leaves.size())
      look.empty_leaves.merge(empty_leaves(*connection_, *described));
    leaves_[table] = described->leaves.size();
    look.tables.push_back(std::move(*described));
    return {};
  }

  Result<std::string> absence_of(const std::string& table) {
    PENSTOCK_ASSIGN(const Rows rows,
                    connection_->query("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN "
                                       "pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid",
                                       {std::to_string(oids_[table])}));
    if (rows.size() == 1)
      return "was renamed to " + rows.string(0, 0) + "; what was written of it stays as it is";
    return std::string("does not exist any more; what was written of it stays as it is");
  }

  SourceOptions options_;  // with the tables that are followed
  std::function<void()> wake_;
  std::map<std::string, std::uint32_t> oids_;
  std::optional<Connection> connection_;
  std::set<std::string> complained_;
  std::map<std::string, std::size_t> leaves_;  // how many, at the last look
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool asked_ = false;
  std::unique_ptr<Look> look_;
  std::jthread thread_;
};

CatalogWatch::CatalogWatch(const SourceOptions& options, std::map<std::string, std::uint32_t> oids,
                           std::function<void()> wake)
    : impl_(std::make_unique<Impl>(options, std::move(oids), std::move(wake))) {}
CatalogWatch::~CatalogWatch() = default;
void CatalogWatch::look_now() { impl_->look_now(); }
std::unique_ptr<CatalogWatch::Look> CatalogWatch::take() { return impl_->take(); }

}  // namespace penstock::postgres
