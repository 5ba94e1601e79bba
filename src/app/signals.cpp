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

}  // namespace

void Signals::listen(int signals, int wake) {
  std::chrono::steady_clock::time_point first;
  while (true) {
    std::array<pollfd, 2> wait{{{signals, POLLIN, 0}, {wake, POLLIN, 0}}};
    if (poll(wait.data(), wait.size(), -1) < 0) continue;
    if (wait[1].revents != 0) return;
    signalfd_siginfo info{};
    if (read(signals, &info, sizeof info) != sizeof info) continue;
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGHUP) {
      hang_up();
      continue;
    }
    const auto now = std::chrono::steady_clock::now();
    if (stop_.stop_requested() && now - first < kSameRequest) continue;
    if (stop_.stop_requested()) die_of(signal);
    first = now;
    log::info("{}: finishing what has been received; once more ends at once",
              signal == SIGINT ? "SIGINT" : "SIGTERM");
    stop_.request_stop();
    const std::lock_guard lock(mutex_);
    turn_.request_stop();
  }
}

void Signals::hang_up() {
  log::info("SIGHUP: finishing what has been received, then reading the pipeline file again");
  const std::lock_guard lock(mutex_);
  turn_.request_stop();
}

std::stop_token Signals::turn() const {
  const std::lock_guard lock(mutex_);
  return turn_.get_token();
}

bool Signals::take_hangup() {
  const std::lock_guard lock(mutex_);
  if (stop_.stop_requested() || !turn_.stop_requested()) return false;
  turn_ = std::stop_source();
  return true;
}

Signals::Signals(Hangup hangup) {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (hangup == Hangup::kTaken) sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC);
  PENSTOCK_CHECK(signals_ >= 0 && wake_ >= 0);
  thread_ = std::thread([this] { listen(signals_, wake_); });
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
