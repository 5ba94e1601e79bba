// Waiting for a server that is away.
#pragma once

#include <chrono>
#include <stop_token>

#include "base/error.h"
#include "base/log.h"
#include "base/retry.h"

namespace penstock::library {

class Patience {
 public:
  // Zero: for ever.
  explicit Patience(std::chrono::seconds most) : most_(most) {}

  static bool passes(const Error& error) {
    return error.kind == ErrorKind::kMongoUnavailable || error.kind == ErrorKind::kPostgresUnavailable ||
           error.kind == ErrorKind::kKafkaUnavailable;
  }

  // What `call` gives, called again for as long as a server is away.
  template <class Call>
  auto wait(const Call& call) const {
    const auto begun = std::chrono::steady_clock::now();
    Backoff backoff(std::chrono::milliseconds(50), std::chrono::milliseconds(2000));
    for (;;) {
      auto outcome = call();
      if (outcome || !passes(outcome.error())) return outcome;
      if (most_.count() > 0 && std::chrono::steady_clock::now() - begun >= most_) return outcome;
      log::warn("{}; trying again, nothing is lost", outcome.error().message);
      sleep_unless_stopped({}, backoff.next());
    }
  }

 private:
  std::chrono::seconds most_;
};

}  // namespace penstock::library
