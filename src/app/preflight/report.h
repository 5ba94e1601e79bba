// What `check` found, line by line.
#pragma once

#include <string>
#include <vector>

namespace penstock::app {

enum class Outcome { kOk, kWarn, kFail };

struct Finding {
  Outcome outcome;
  std::string subject;  // "slot ecommerce_slot", "public.orders"
  std::string text;
  std::string remedy;  // exact SQL or command; empty: none needed
};

class Report {
 public:
  void ok(std::string subject, std::string text);
  void warn(std::string subject, std::string text, std::string remedy = {});
  void fail(std::string subject, std::string text, std::string remedy = {});

  const std::vector<Finding>& findings() const { return findings_; }
  std::size_t count(Outcome outcome) const;
  // Aligned: outcome, subject, text; the remedy on a line of its own.
  std::string text() const;

 private:
  std::vector<Finding> findings_;
};

}  // namespace penstock::app
