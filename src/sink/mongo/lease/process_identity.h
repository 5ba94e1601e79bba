// Which process on which machine, so that a standby can tell at once that its predecessor is dead (proc(5)).
#pragma once

#include <cstdint>
#include <string>

namespace penstock::mongo {

struct ProcessIdentity {
  std::string host;     // for people
  std::string machine;  // boot id and pid namespace: pids mean the same only where this is equal
  std::int64_t pid = 0;
  std::int64_t started = 0;  // clock ticks after boot: tells a reused pid
};

ProcessIdentity this_process();

// True only when it is certain: the same machine, and no live process of that pid and start.
bool is_dead(const ProcessIdentity& process);

}  // namespace penstock::mongo
