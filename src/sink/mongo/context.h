// What the parts of one sink share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "sink/mongo/client.h"
#include "sink/mongo/mongo_sink.h"

namespace penstock::mongo {

struct Context {
  Options options;
  std::shared_ptr<Clients> clients;
  ServerInfo server;
  std::atomic<std::uint64_t> next_token = 1;  // of staged groups

  bool transactional() const { return server.topology != Topology::kStandalone; }
  Bson durable() const { return mongo::durable(server.topology); }
};

// Connects; as make_sink().
Result<std::unique_ptr<Context>> open_context(Options options);

}  // namespace penstock::mongo
