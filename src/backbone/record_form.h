// What a change of a table is in Kafka: a whole event, or what a transformation makes of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backbone/producer.h"
#include "backbone/topic_options.h"
#include "base/result.h"
#include "envelope/envelope.h"

namespace penstock::backbone {

// Of one shape of a table. One thread.
class RecordForm {
 public:
  virtual ~RecordForm() = default;
  // Appends the change's records, none or one. `record` has the topic, key and headers of a whole event.
  virtual Status append(const envelope::Change& change, Record record, std::vector<Record>& records) = 0;
  // What follows a delete.
  virtual void append_tombstone(const envelope::Change& change, Record record,
                                std::vector<Record>& records) = 0;
};

// `table` must outlive it. kConfiguration for a transformation that does not fit the table, and for two of
// one topic.
Result<std::unique_ptr<RecordForm>> form_of(const TopicOptions& options, const envelope::TableFacts& facts,
                                            const envelope::TableEnvelope& table);

// Each transformation's own.
Result<std::unique_ptr<RecordForm>> unwrapped_form(const TopicOptions& options, const Transform& transform,
                                                   const envelope::TableFacts& facts,
                                                   const envelope::TableEnvelope& table);
Result<std::unique_ptr<RecordForm>> routed_form(const TopicOptions& options, const Transform& transform,
                                                const envelope::TableFacts& facts,
                                                const envelope::TableEnvelope& table);

}  // namespace penstock::backbone
