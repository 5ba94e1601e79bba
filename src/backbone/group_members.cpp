#include "backbone/group_members.h"

#include <librdkafka/rdkafka.h>

#include "backbone/failure.h"
#include "backbone/owned.h"

namespace penstock::backbone {

Result<std::vector<std::string>> members_of(Consumer& consumer, const ConsumerOptions& options) {
  const rd_kafka_group_list* found = nullptr;
  const auto code = rd_kafka_list_groups(consumer.handle(), options.group.c_str(), &found,
                                         static_cast<int>(options.timeout.count()));
  const Owned<const rd_kafka_group_list> groups(found);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(
        error_of(code, rd_kafka_err2str(code), "asking about the group " + options.group, options.brokers));
  std::vector<std::string> members;
  for (int i = 0; groups && i < groups->group_cnt; ++i) {
    const rd_kafka_group_info& group = groups->groups[i];
    if (options.group != group.group) continue;
    for (int k = 0; k < group.member_cnt; ++k) members.emplace_back(group.members[k].client_id);
  }
  return members;
}

}  // namespace penstock::backbone
