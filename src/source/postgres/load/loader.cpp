#include "source/postgres/load/loader.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "source/postgres/load/attempt_book.h"
#include "source/postgres/load/chunk_reader.h"
#include "source/postgres/load/scheduler.h"
#include "source/postgres/load/stream_side.h"

namespace penstock::postgres {

class Loader::Impl {
 public:
  Impl(LoaderOptions given, std::function<void()> wake)
      : options(std::move(given)),
        scheduler(options, std::move(wake)),
        stream(options, scheduler, attempts, mailbox) {
    for (unsigned i = 0; i < std::max(options.readers, 1U); ++i)
      readers.push_back(std::make_unique<ChunkReader>(options, scheduler, attempts, mailbox));
  }

  ~Impl() {
    for (std::jthread& thread : threads) thread.request_stop();
    attempts.wake();
    for (const auto& reader : readers) reader->cancel();
    threads.clear();  // joins
  }

  const LoaderOptions options;
  SnapshotMailbox mailbox;
  AttemptBook attempts;
  Scheduler scheduler;
  StreamSide stream;
  std::vector<std::unique_ptr<ChunkReader>> readers;
  std::vector<std::jthread> threads;
};

Loader::Loader(LoaderOptions options, std::function<void()> wake)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(wake))) {}

Loader::~Loader() = default;

void Loader::start() {
  for (const auto& reader : impl_->readers)
    impl_->threads.emplace_back([&reader = *reader](std::stop_token stop) { reader.run(stop); });
}

void Loader::add(TableLoad table) {
  impl_->scheduler.add(std::move(table));
  impl_->attempts.wake();  // who waits for a marker of the table as it was
}

void Loader::on_commit(std::uint32_t xid) { impl_->stream.on_commit(xid); }
void Loader::on_change(const Event& event) { impl_->stream.on_change(event); }
void Loader::on_marker(std::string_view content) { impl_->stream.on_marker(content); }
EventBatchPtr Loader::take() { return impl_->scheduler.take(); }
Status Loader::failure() { return impl_->scheduler.failure(); }
void Loader::chunk_committed(const ChunkResult& chunk) { impl_->scheduler.committed(chunk); }
void Loader::reread(std::vector<Reread> rows) { impl_->scheduler.reread(std::move(rows)); }
void Loader::sweep_finished(const std::string& table) { impl_->scheduler.sweep_finished(table); }
bool Loader::done() const { return impl_->scheduler.done(); }
bool Loader::active(const std::string& table) const { return impl_->scheduler.active(table); }
std::vector<LoadProgress> Loader::progress() const { return impl_->scheduler.progress(); }

}  // namespace penstock::postgres
