// One table's topic, record by record: to events, without what is delivered again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backbone/consumer.h"
#include "backbone/hidden_values.h"
#include "base/result.h"
#include "envelope/read/event_reader.h"
#include "model/event_batch.h"
#include "model/places.h"
#include "model/table_schema.h"

namespace penstock::backbone {

// The table as the source's catalog has it now.
struct CatalogTable {
  std::shared_ptr<const TableSchema> schema;
  std::vector<std::string> identity;  // columns of the replica identity
  bool partitioned = false;           // its leaves' records come under their own names
};
using DescribeTable = std::function<Result<CatalogTable>(const TableName& table)>;

struct IntakeCounts {
  std::uint64_t records = 0;
  std::uint64_t again = 0;    // delivered again, left out
  std::uint64_t ignored = 0;  // tombstones and the like
};

// One thread.
class TopicIntake {
 public:
  // `describe`: null where types come from the records' own schemas; `read_rows`: null where PostgreSQL
  // cannot be asked for values that records hide.
  TopicIntake(TableName table, std::string topic, envelope::ReadOptions options, DescribeTable describe,
              ReadRows read_rows)
      : table_(std::move(table)),
        topic_(std::move(topic)),
        options_(std::move(options)),
        describe_(std::move(describe)),
        hidden_(options_.values.binary, std::move(read_rows)) {}

  // Asks the catalog. kPostgres…, kConfiguration.
  Status open();

  // A record before the first one that is taken: what a null value behind it means is known by that.
  void prime(const ConsumedRecord& record);
  // Appends at most one event to the batch, and moves `place` behind the record. kBadValue: the record cannot
  // be read, also by the catalog as it is now; the error names its topic, partition and offset, `place` is
  // moved all the same. What it says of itself, where it is a change.
  Result<std::optional<envelope::RecordHead>> take(const ConsumedRecord& record, Place& place,
                                                   EventBatch& batch);
  // What the record taken last says of itself where no event was made of it: it is delivered again, or cannot
  // be read.
  const std::optional<envelope::RecordHead>& left_out() const { return left_out_; }

  const TableName& table() const { return table_; }
  const std::string& topic() const { return topic_; }
  const std::shared_ptr<const TableSchema>& schema() const { return schema_; }
  const IntakeCounts& counts() const { return counts_; }

 private:
  Result<envelope::ReadRecord> read(const envelope::RecordBytes& bytes, EventBatch& batch);
  // Whether the catalog has another shape than before.
  Result<bool> look_again();
  bool is_again(const ConsumedRecord& record, const envelope::RecordHead& head, Place& place);

  const TableName table_;
  const std::string topic_;
  envelope::ReadOptions options_;
  const DescribeTable describe_;
  const HiddenValues hidden_;
  std::shared_ptr<const TableSchema> schema_;
  std::unique_ptr<envelope::EventReader> reader_;
  std::size_t unknown_ = 0;  // fields that the catalog did not have when it was asked last
  std::optional<envelope::RecordHead> left_out_;
  IntakeCounts counts_;
};

}  // namespace penstock::backbone
