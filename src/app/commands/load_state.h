// Load states by the names that `status` shows.
#pragma once

#include "model/checkpoint.h"

namespace penstock::app {

const char* name_of(LoadState state);

}  // namespace penstock::app
