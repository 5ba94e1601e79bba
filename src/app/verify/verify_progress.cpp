#include "app/verify/verify_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "app/progress_text.h"
#include "base/log.h"

namespace penstock::app {
namespace {

constexpr std::chrono::milliseconds kRedraw{250};
constexpr std::chrono::seconds kLogEvery{10};

}  // namespace

VerifyProgress::VerifyProgress() : terminal_(isatty(STDERR_FILENO) != 0) {}

void VerifyProgress::reading(const std::vector<LoadProgress>& tables) {
  std::uint64_t rows = 0;
  std::uint64_t expected = 0;
  for (const LoadProgress& table : tables) {
    rows += table.rows;
    expected += table.done ? table.rows : std::max(table.rows, table.estimated_rows);
  }
  show("rows read", rows, expected);
}

void VerifyProgress::comparing(std::uint64_t documents, std::uint64_t ids_read, std::uint64_t expected) {
  if (ids_read > 0) {
    show("ids read", ids_read, std::max(ids_read, expected));
  } else {
    show("documents compared", documents, std::max(documents, expected));
  }
}

void VerifyProgress::show(const std::string& what, std::uint64_t done, std::uint64_t expected) {
  const auto now = Clock::now();
  if (what != what_) {
    end();
    what_ = what;
    began_ = now;
    next_ = now + (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kLogEvery));
  }
  if (now < next_) return;
  next_ = now + (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kLogEvery));
  const double seconds = std::max(std::chrono::duration<double>(now - began_).count(), 1e-3);
  const double speed = static_cast<double>(done) / seconds;
  std::string text = fmt::format("{} of about {} {}, {}/s", grouped(done), grouped(expected), what,
                                 grouped(static_cast<std::uint64_t>(speed)));
  if (speed > 1 && expected > done)
    text += ", " + duration(static_cast<double>(expected - done) / speed) + " left";
  if (!terminal_) return log::info("{}", text);
  const double part = static_cast<double>(done) / static_cast<double>(std::max<std::uint64_t>(expected, 1));
  std::fputs(fmt::format("\r\x1b[2K  {} {}", bar(part), text).c_str(), stderr);
  drawn_ = true;
}

void VerifyProgress::end() {
  if (drawn_) std::fputs("\r\x1b[2K", stderr);
  drawn_ = false;
}

}  // namespace penstock::app
