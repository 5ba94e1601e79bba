#include "source/postgres/wake.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "base/check.h"

namespace penstock::postgres {

Wake::Wake() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { PENSTOCK_CHECK(fd_ >= 0); }
Wake::~Wake() { close(fd_); }

void Wake::ring() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(fd_, &one, sizeof one);  // full means rung already
}

void Wake::clear() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(fd_, &count, sizeof count);  // empty means not rung
}

void Wake::wait(std::chrono::milliseconds time) const {
  pollfd one{fd_, POLLIN, 0};
  poll(&one, 1, static_cast<int>(time.count()));
  clear();
}

}  // namespace penstock::postgres
