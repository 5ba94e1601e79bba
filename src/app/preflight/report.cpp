#include "app/preflight/report.h"

#include <fmt/format.h>

#include <algorithm>

namespace penstock::app {
namespace {

const char* word_for(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kWarn:
      return "warn";
    case Outcome::kFail:
      return "FAIL";
  }
  return "FAIL";
}

// Characters, not bytes: names need not be ASCII.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string indented(const std::string& text, std::size_t by) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += std::string(by, ' ');
  }
  return out;
}

}  // namespace

void Report::ok(std::string subject, std::string text) {
  findings_.push_back({Outcome::kOk, std::move(subject), std::move(text), {}});
}
void Report::warn(std::string subject, std::string text, std::string remedy) {
  findings_.push_back({Outcome::kWarn, std::move(subject), std::move(text), std::move(remedy)});
}
void Report::fail(std::string subject, std::string text, std::string remedy) {
  findings_.push_back({Outcome::kFail, std::move(subject), std::move(text), std::move(remedy)});
}

std::size_t Report::count(Outcome outcome) const {
  return static_cast<std::size_t>(
      std::count_if(findings_.begin(), findings_.end(),
                    [&](const Finding& finding) { return finding.outcome == outcome; }));
}

std::string Report::text() const {
  std::size_t width = 0;
  for (const Finding& finding : findings_) width = std::max(width, width_of(finding.subject));
  std::string out;
  for (const Finding& finding : findings_) {
    const std::string padding(width - width_of(finding.subject), ' ');
    out += fmt::format("{:<4}  {}{}  {}\n", word_for(finding.outcome), finding.subject, padding,
                       indented(finding.text, width + 8));
    if (!finding.remedy.empty())
      out += fmt::format("{}-> {}\n", std::string(width + 8, ' '), indented(finding.remedy, width + 11));
  }
  return out;
}

}  // namespace penstock::app
