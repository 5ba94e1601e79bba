// Who may write: one document that its holder keeps renewing. The lease only decides whose turn it is; what
// keeps an outrun holder from writing is the epoch (design 3.3).
//   {_id: "<pipeline>/lease", kind: "lease", pipeline, owner, host, machine, pid, started, since, renewals,
//   epoch, released}
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/result.h"
#include "sink/mongo/context.h"
#include "sink/mongo/lease/process_identity.h"

namespace penstock::mongo {

struct LeaseRecord {
  std::string owner;  // random, new for each sink
  ProcessIdentity holder;
  std::int64_t since_millis = 0;
  std::uint64_t renewals = 0;
  std::uint64_t epoch = 0;  // what the holder raised the lanes to; 0: it has not yet
  bool released = false;
};
LeaseRecord lease_from(const Bson& document);
// Nothing when there is none. `read_concern` may be null.
Result<std::optional<LeaseRecord>> read_lease(Connection& connection, const std::string& database,
                                              const std::string& pipeline, const char* read_concern);

class Lease {
 public:
  explicit Lease(Context& context);
  ~Lease();  // stops renewing and releases
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // As DocumentSink::lead().
  Status acquire(const std::stop_token& stop);
  void note_epoch(std::uint64_t epoch) { epoch_ = epoch; }
  // False once another process has taken the lease.
  bool held() const { return held_; }

 private:
  // How long the holder has been seen not to renew, by our clock; silence of the database does not count.
  struct Watch {
    std::string owner;
    std::uint64_t renewals = 0;
    std::chrono::steady_clock::time_point moved;
    std::chrono::steady_clock::time_point seen;
  };

  Result<bool> try_once(Connection& connection, Watch& watch, bool& announced);
  bool is_free(const LeaseRecord& lease, Watch& watch) const;
  Result<bool> create(Connection& connection);
  Result<bool> replace(Connection& connection, const LeaseRecord& lease);
  void put_claim(Bson& set) const;
  Status begin_renewing();
  void renew(const std::stop_token& stop);
  void release();

  Context& context_;
  const std::string owner_;
  const ProcessIdentity self_;
  std::atomic<std::uint64_t> epoch_ = 0;
  std::atomic<bool> held_ = false;
  std::jthread renewer_;
};

}  // namespace penstock::mongo
