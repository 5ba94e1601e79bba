#include "sink/mongo/lease/process_identity.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <optional>
#include <sstream>

namespace penstock::mongo {
namespace {

std::string machine_identity() {
  std::string boot;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
  std::array<char, 128> link{};
  const ssize_t length = readlink("/proc/self/ns/pid", link.data(), link.size() - 1);
  if (boot.empty() || length <= 0) return {};
  return boot + " " + std::string(link.data(), static_cast<std::size_t>(length));
}

struct Stat {
  char state = '?';
  std::int64_t started = 0;
};

// /proc/PID/stat: "pid (name) state ppid …", the start is field 22. The name may hold spaces and parentheses.
std::optional<Stat> stat_of(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  Stat stat;
  std::string skipped;
  fields >> stat.state;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  fields >> stat.started;
  return stat;
}

}  // namespace

ProcessIdentity this_process() {
  ProcessIdentity identity;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) == 0) identity.host = name.data();
  identity.machine = machine_identity();
  identity.pid = getpid();
  if (const auto stat = stat_of(identity.pid)) identity.started = stat->started;
  return identity;
}

bool is_dead(const ProcessIdentity& process) {
  if (process.machine.empty() || process.pid <= 0 || process.machine != machine_identity()) return false;
  const std::optional<Stat> stat = stat_of(process.pid);
  if (!stat) return access("/proc/self/stat", R_OK) == 0;
  return stat->state == 'Z' || stat->state == 'X' || stat->started != process.started;
}

}  // namespace penstock::mongo
