// Who is in a consumer group.
#pragma once

#include <string>
#include <vector>

#include "backbone/consumer.h"
#include "base/result.h"

namespace penstock::backbone {

// The members of the group options.group, each by its client.id; none of a group that is not there.
// kKafkaUnavailable, kKafkaRefused.
Result<std::vector<std::string>> members_of(Consumer& consumer, const ConsumerOptions& options);

}  // namespace penstock::backbone
