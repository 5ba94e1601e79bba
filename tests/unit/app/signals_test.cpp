#include "app/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace penstock::app {
namespace {

using std::chrono::milliseconds;

bool stopped_soon(const std::stop_token& token) {
  for (int i = 0; i < 1000 && !token.stop_requested(); ++i) std::this_thread::sleep_for(milliseconds(10));
  return token.stop_requested();
}

// In processes of their own: signals and their masks belong to the whole process.
TEST(SignalsDeathTest, FirstSignalAsksToStopAndItsEchoesAreTheSameRequest) {
  EXPECT_EXIT(
      {
        const Signals signals;
        if (signals.token().stop_requested()) _exit(1);
        kill(getpid(), SIGINT);
        if (!stopped_soon(signals.token())) _exit(2);
        kill(getpid(), SIGTERM);
        std::this_thread::sleep_for(milliseconds(100));
        _exit(0);
      },
      testing::ExitedWithCode(0), "SIGINT: finishing");
}

TEST(SignalsDeathTest, LaterSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        const Signals signals;
        kill(getpid(), SIGTERM);
        std::this_thread::sleep_for(milliseconds(1200));
        kill(getpid(), SIGTERM);
        std::this_thread::sleep_for(std::chrono::seconds(30));
        _exit(0);
      },
      testing::KilledBySignal(SIGTERM), "SIGTERM: finishing");
}

TEST(SignalsDeathTest, EndsWithoutASignal) {
  EXPECT_EXIT(
      {
        { const Signals signals; }
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace penstock::app
