// Kafka's topics as the beginning of a leg: Debezium's events of some tables, from Debezium or from
// `penstock capture`.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backbone/consumer.h"
#include "backbone/topic_health.h"
#include "backbone/topic_intake.h"
#include "backbone/topic_share.h"
#include "envelope/read/event_reader.h"
#include "model/checkpoint.h"
#include "source/source.h"

namespace penstock::backbone {

struct ReadTable {
  TableName name;
  std::vector<std::string> topics;  // usually one; those of the leaves of a partitioned table
  std::string definition;  // what its documents are made with: a difference begins anew with its topic
  // What its rows in the projector's state are kept with: a difference fills the state anew. Null: not kept.
  std::function<std::string()> state;

  bool comes_from(const std::string& topic) const {
    return std::find(topics.begin(), topics.end(), topic) != topics.end();
  }
};

struct TopicSourceOptions {
  ConsumerOptions consumer;
  std::vector<ReadTable> tables;
  envelope::ReadOptions values;
  DescribeTable describe;  // null: the records carry their schemas
  ReadRows read_rows;      // null: rows cannot be asked for
  // Where Debezium tells of transactions; empty, or not there: what is read at once is applied at once.
  std::string transaction_topic;
  std::function<std::string(const std::string& table)> topic_of;  // of "schema.table"
  bool dead_letters = false;  // records that cannot be read are parked (EventBatch::rejected)
  bool accept_gap = false;    // begin with topics whose oldest records are gone
  std::string adopt;  // the group whose offsets are the first places (adoption.h); empty: the beginning
  ShareOptions share;
  std::function<void(const Places&)> tell_group;  // of what is applied; null: by the consumer itself
  std::shared_ptr<TopicHealth> health;            // told about once a second; null: nobody asks
  std::size_t batch_records = 1000;
  std::size_t batch_bytes = 2U << 20;
};

// No connection is made before open(). Positions are numbers of commits (model/position.h), the places of
// partitions tell where to go on.
std::unique_ptr<Source> make_topic_source(TopicSourceOptions options);

}  // namespace penstock::backbone
