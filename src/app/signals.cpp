#include "app/signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>

#include "base/check.h"
#include "base/log.h"

namespace penstock::app {
namespace {

// As if nobody had caught it, so that a shell sees why the process ended.
void die_of(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signal);
  pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  std::raise(signal);
}

// A terminal, a shell script and timeout(1) may each pass on the same Ctrl-C: that is one request.
constexpr std::chrono::seconds kSameRequest(1);

void listen(int signals, int wake, const std::stop_source& stop) {
  std::chrono::steady_clock::time_point first;
  while (true) {
    std::array<pollfd, 2> wait{{{signals, POLLIN, 0}, {wake, POLLIN, 0}}};
    if (poll(wait.data(), wait.size(), -1) < 0) continue;
    if (wait[1].revents != 0) return;
    signalfd_siginfo info{};
    if (read(signals, &info, sizeof info) != sizeof info) continue;
    const int signal = static_cast<int>(info.ssi_signo);
    const auto now = std::chrono::steady_clock::now();
    if (stop.stop_requested() && now - first < kSameRequest) continue;
    if (stop.stop_requested()) die_of(signal);
    first = now;
    log::info("{}: finishing what has been received; once more ends at once",
              signal == SIGINT ? "SIGINT" : "SIGTERM");
    stop.request_stop();
  }
}

}  // namespace

Signals::Signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC);
  PENSTOCK_CHECK(signals_ >= 0 && wake_ >= 0);
  thread_ = std::thread(listen, signals_, wake_, stop_);
}

Signals::~Signals() {
  const std::uint64_t one = 1;
  const bool woken = write(wake_, &one, sizeof one) == sizeof one;
  PENSTOCK_CHECK(woken);
  thread_.join();
  close(wake_);
  close(signals_);
}

}  // namespace penstock::app
