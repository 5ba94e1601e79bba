// Names of topics by a regular expression (Kafka documentation: "RegexRouter").
#pragma once

#include <map>
#include <regex>
#include <string>

#include "base/result.h"

namespace penstock::backbone {

class TopicRouter {
 public:
  // Java's expressions: groups may have names, (?<routedByValue>.*), and the replacement may name them,
  // outbox.event.${routedByValue}. kConfiguration for what cannot be read.
  static Result<TopicRouter> parse(const std::string& pattern, const std::string& replacement);

  // What does not match stays as it is.
  std::string topic_of(const std::string& name) const;

 private:
  std::regex pattern_;
  std::string replacement_;  // groups by number: $1
};

}  // namespace penstock::backbone
