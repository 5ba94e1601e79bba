// The intakes of all topics, by topic.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "backbone/topic_intake.h"

namespace penstock::backbone {

using TopicIntakes = std::map<std::string, std::unique_ptr<TopicIntake>, std::less<>>;

}  // namespace penstock::backbone
