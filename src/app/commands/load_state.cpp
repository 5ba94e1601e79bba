#include "app/commands/load_state.h"

namespace penstock::app {

const char* name_of(LoadState state) {
  switch (state) {
    case LoadState::kPending:
      return "pending";
    case LoadState::kLoading:
      return "loading";
    case LoadState::kSweeping:
      return "sweeping";
    case LoadState::kLoaded:
      return "loaded";
  }
  return "pending";
}

}  // namespace penstock::app
