// One table: what an error kind means for a running pipeline and for the exit code (design: Errors).
#pragma once

#include "base/error.h"

namespace penstock {

enum class ErrorAction {
  kRetry,       // with back-off, for ever; the stream is held meanwhile
  kDeadLetter,  // park the one row where the pipeline says `errors: dead_letter`, else stop
  kStop,
};

struct ErrorPolicy {
  ErrorAction action;
  int exit_code;     // 1 check did not hold, 2 usage or configuration, 3 server, 4 data
  const char* name;  // stable, for logs and --json
};

const ErrorPolicy& policy_of(ErrorKind kind);
// A server is away: the same may succeed later, with nothing done about it.
bool is_outage(ErrorKind kind);

}  // namespace penstock
