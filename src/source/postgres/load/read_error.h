// What a reader does about an error.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace penstock::postgres {

enum class ReadRemedy : std::uint8_t {
  kReconnect,   // the session is gone: a new one, with back-off
  kLater,       // in the way of somebody, or short of something: again in a moment
  kRedescribe,  // the table was altered: again once it is described anew
  kStop,        // no retry mends it
};

ReadRemedy remedy_for(const Error& error);

// For the operator, with the table's name and a remedy where one is known.
Error explained(Error error, const std::string& table);

}  // namespace penstock::postgres
