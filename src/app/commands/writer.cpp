#include "app/commands/writer.h"

#include <chrono>
#include <thread>

namespace penstock::app {

Result<std::optional<mongo::LeaseView>> find_writer(mongo::Reader& reader) {
  PENSTOCK_ASSIGN(const auto first, reader.read_lease());
  if (!first || first->released || first->dead) return std::optional<mongo::LeaseView>();
  for (int i = 0; i < 12; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    PENSTOCK_ASSIGN(const auto now, reader.read_lease());
    if (!now || now->released || now->dead) return std::optional<mongo::LeaseView>();
    if (now->renewals != first->renewals || now->since_millis != first->since_millis) return now;
  }
  return std::optional<mongo::LeaseView>();
}

}  // namespace penstock::app
