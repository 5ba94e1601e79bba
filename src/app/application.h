// The program: argv to exit code.
#pragma once

namespace penstock::app {

// Exit codes are those of base/error_policy.h. Never throws.
int run(int argc, char** argv);

}  // namespace penstock::app
