// A collection made anew from events that were kept, instead of from PostgreSQL's rows.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "app/replay/replay_source.h"
#include "app/settings.h"
#include "base/result.h"

namespace penstock::app {

struct ReplayRequest {
  CollectionSettings collection;  // its joins resolved
  std::string into;
  std::vector<std::string> key;  // of one document; empty: all
  journal::AsOf as_of;
  std::string folder;  // for temporary files
};

// Into request.into, which readers see once it is whole. The leg is that of `run`: source, projector,
// MongoDB, with a state of its own in both; nothing of it is left in the end. kCancelled: stopped, nothing
// was published.
Status replay_collection(const Settings& settings, const ReplayRequest& request, std::stop_token stop);

// To stdout. kCheckFailed: there is no such document then.
Status print_document(const Settings& settings, const ReplayRequest& request, std::stop_token stop);

}  // namespace penstock::app
