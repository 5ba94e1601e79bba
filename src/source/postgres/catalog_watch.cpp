#include "source/postgres/catalog_watch.h"

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
  Impl(const SourceOptions& options, std::function<void()> wake) : options_(options), wake_(std::move(wake)) {
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
    Look look;
    for (const auto& selection : options_.tables) {
      auto described = describe_table(*connection_, selection.table, options_.publication, selection.key);
      if (!described) {
        if (described.error().kind == ErrorKind::kPostgresUnavailable)
          return fail(std::move(described).error());
        if (complained_.insert(to_string(selection.table)).second)
          log::error("table {}: {}", to_string(selection.table), described.error().text());
        continue;
      }
      complained_.erase(to_string(selection.table));
      if (leaves_[to_string(selection.table)] != described->leaves.size())
        look.empty_leaves.merge(empty_leaves(*connection_, *described));
      leaves_[to_string(selection.table)] = described->leaves.size();
      look.tables.push_back(std::move(*described));
    }
    return look;
  }

  const SourceOptions options_;
  std::function<void()> wake_;
  std::optional<Connection> connection_;
  std::set<std::string> complained_;
  std::map<std::string, std::size_t> leaves_;  // how many, at the last look
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool asked_ = false;
  std::unique_ptr<Look> look_;
  std::jthread thread_;
};

CatalogWatch::CatalogWatch(const SourceOptions& options, std::function<void()> wake)
    : impl_(std::make_unique<Impl>(options, std::move(wake))) {}
CatalogWatch::~CatalogWatch() = default;
void CatalogWatch::look_now() { impl_->look_now(); }
std::unique_ptr<CatalogWatch::Look> CatalogWatch::take() { return impl_->take(); }

}  // namespace penstock::postgres
