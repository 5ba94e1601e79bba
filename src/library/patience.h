// Waiting for a server that is away.
#pragma once

#include <chrono>
#include <stop_token>

#include "base/error_policy.h"
#include "base/log.h"
#include "base/retry.h"

namespace penstock::library {

class Patience {
 public:
  // Zero: for ever.
  explicit Patience(std::chrono::seconds most) : most_(most) {}

  // What `call` gives, called again for as long as a server is away.
  template <class Call>
  auto wait(const Call& call) const {
    const auto begun = std::chrono::steady_clock::now();
    Backoff backoff(std::chrono::milliseconds(50), std::chrono::milliseconds(2000));
    for (;;) {
      auto outcome = call();
      if (outcome || !is_outage(outcome.error().kind)) return outcome;
      if (most_.count() > 0 && std::chrono::steady_clock::now() - begun >= most_) return outcome;
      log::warn("{}; trying again, nothing is lost", outcome.error().message);
      sleep_unless_stopped({}, backoff.next());
    }
  }

 private:
  std::chrono::seconds most_;
};

}  // namespace penstock::library
