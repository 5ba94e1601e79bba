// The loader as the stream sees it: committed transactions, and the windows of the chunks being read.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "source/postgres/load/attempt_book.h"
#include "source/postgres/load/scheduler.h"

namespace penstock::postgres {

// The stream's thread only.
class StreamSide {
  static constexpr std::size_t kPruneAt = 20000;  // transactions that no snapshot was seen to include

 public:
  StreamSide(const LoaderOptions& options, Scheduler& scheduler, AttemptBook& attempts,
             SnapshotMailbox& mailbox)
      : options_(options), scheduler_(scheduler), attempts_(attempts), mailbox_(mailbox) {}

  void on_commit(std::uint32_t xid);
  void on_change(const Event& event);
  void on_marker(std::string_view content);

 private:
  struct Window {
    std::uint64_t attempt = 0;
    TableWorkPtr table;
    bool by_key = false;
    std::uint64_t from = 0;  // of the table's log
  };
  void open(std::uint64_t attempt);
  void finish(std::uint64_t attempt);
  void close(std::uint64_t attempt);
  void tidy();
  void prune();
  std::vector<Window>::iterator find(std::uint64_t attempt);

  const LoaderOptions& options_;
  Scheduler& scheduler_;
  AttemptBook& attempts_;
  SnapshotMailbox& mailbox_;
  CommittedXids committed_;
  std::size_t prune_at_ = kPruneAt;
  std::vector<Window> windows_;      // few
  std::vector<TableWork*> watched_;  // their tables, once each
};

}  // namespace penstock::postgres
