// Where a source stands that is made of partitions, each a log with offsets of its own (Kafka's topics).
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "model/lsn.h"

namespace penstock {

struct PartitionId {
  std::string topic;
  std::int32_t number = 0;
  auto operator<=>(const PartitionId&) const = default;
};
std::string to_string(const PartitionId& partition);  // shop.public.orders[3]

// Kafka's id of a topic: another topic of the same name has another one.
struct TopicId {
  std::uint64_t most = 0, least = 0;
  bool is_set() const { return most != 0 || least != 0; }
  bool operator==(const TopicId&) const = default;
};
// As kafka-topics.sh shows it: base64 for URLs, "Hk1p9zGXQ9uNXqk8dEo0Tw". Of anything else: unset.
std::string to_string(const TopicId& id);
TopicId parse_topic_id(std::string_view text);

struct Place {
  std::int64_t next = 0;  // the offset of the first record that is not applied
  // The timestamp of the record before it, milliseconds since 1970; -1: none. Another record there means
  // another topic of the same name.
  std::int64_t last_millis = -1;
  // The newest change applied, as its record says where it stood in PostgreSQL (Debezium's source.sequence):
  // a record below it is delivered again. Unset: none yet.
  Lsn last_commit;  // the newest commit before the change's own transaction
  Lsn lsn;          // the change
  TopicId topic;    // that it is a place in; unset: not known
  bool operator==(const Place&) const = default;
};

using Places = std::map<PartitionId, Place>;

// `newer` wins.
void merge(Places& into, const Places& newer);

}  // namespace penstock
