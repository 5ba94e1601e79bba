// A walsender session that streams one slot (PostgreSQL manual: "Streaming Replication Protocol").
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/lsn.h"
#include "source/postgres/connection.h"

namespace penstock::postgres {

struct StreamOptions {
  std::string url;
  std::string slot;
  std::string publication;
  Lsn start;  // transactions whose COMMIT lies before it are not sent
  std::string application_name = "penstock";
};

// One thread. Errors: kSlotBusy when another process reads the slot, kGap when the WAL is gone, else as
// Connection.
class ReplicationStream {
 public:
  static Result<ReplicationStream> start(const StreamOptions& options);
  // On a walsender that is connected: a temporary slot belongs to its session.
  static Result<ReplicationStream> start(Connection connection, const StreamOptions& options);

  struct Incoming {
    bool keepalive = false;
    bool reply_requested = false;  // keepalive only
    Lsn wal_end;                   // keepalive: the server has sent everything that commits before this
    Lsn lsn;                   // where the message stands; events share it, so it orders nothing (design 3.1)
    std::string_view payload;  // a pgoutput message, valid until the next call of next()
  };
  // What has arrived, without waiting; nothing when the socket is drained.
  Result<std::optional<Incoming>> next();

  // Waits until the socket is readable, `wake_fd` is readable, or the time is over.
  void wait(int wake_fd, std::chrono::milliseconds time) const;

  // Reports what was received and what is durable. Never blocks on a full socket for long.
  Status send_status(Lsn received, Lsn flushed, bool request_reply);

 private:
  explicit ReplicationStream(Connection connection) : connection_(std::move(connection)) {}
  struct FreeCopyBuffer {
    void operator()(char* buffer) const;
  };
  Connection connection_;
  std::unique_ptr<char, FreeCopyBuffer> buffer_;
};

}  // namespace penstock::postgres
