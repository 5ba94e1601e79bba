#include "pipeline/sweeper.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/retry.h"

namespace penstock {
namespace {
constexpr std::size_t kPage = 10000;
}

Sweeper::Sweeper(Source& source, DocumentSink& sink, LegState& state)
    : source_(source), sink_(sink), state_(state), thread_([this](std::stop_token stop) { run(stop); }) {}

Sweeper::~Sweeper() { stop(); }

void Sweeper::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Sweeper::know(const std::string& table, std::vector<const DocumentShape*> shapes) {
  const std::lock_guard lock(mutex_);
  shapes_[table] = std::move(shapes);
}

void Sweeper::begin(const std::string& table) {
  const std::lock_guard lock(mutex_);
  tables_.push_back(table);
  changed_.notify_all();
}

void Sweeper::answered(const ChunkResult& chunk) {
  if (!chunk.by_key) return;
  const auto asked = static_cast<std::size_t>(std::count_if(
      chunk.answered.begin(), chunk.answered.end(), [](const Reread& one) { return one.only_absent; }));
  const std::lock_guard lock(mutex_);
  asked_ -= std::min(asked_, asked);
  changed_.notify_all();
}

void Sweeper::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::string table;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !tables_.empty(); })) return;
      table = tables_.front();
      tables_.pop_front();
    }
    if (const auto outcome = sweep(table, stop); !outcome) {
      state_.fail_with(outcome.error());
      return;
    }
    if (!stop.stop_requested()) source_.sweep_finished(table);
  }
}

Status Sweeper::sweep(const std::string& table, std::stop_token stop) {
  std::vector<const DocumentShape*> shapes;
  {
    const std::lock_guard lock(mutex_);
    shapes = shapes_[table];
  }
  for (const DocumentShape* shape : shapes) {
    log::info("looking for documents of {} without a row in {}", shape->collection, table);
    PENSTOCK_TRY(sweep_collection(*shape, stop));
  }
  return {};
}

Status Sweeper::sweep_collection(const DocumentShape& shape, std::stop_token stop) {
  std::string after;
  Backoff backoff;
  while (!stop.stop_requested()) {
    auto page = sink_.sweep(shape, after, kPage);
    if (!page && page.error().kind == ErrorKind::kMongoUnavailable) {
      sleep_unless_stopped(stop, backoff.next());
      continue;
    }
    if (!page) return fail(std::move(page).error());
    if (page->keys.empty()) return {};
    backoff.reset();
    after = std::move(page->next);
    {
      const std::lock_guard lock(mutex_);
      asked_ = page->keys.size();
    }
    source_.reread(std::move(page->keys));
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return asked_ == 0; });
  }
  return {};
}

}  // namespace penstock
