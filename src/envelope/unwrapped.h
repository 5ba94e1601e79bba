// Rows without their events: what the transformation io.debezium.transforms.ExtractNewRecordState makes of
// them (Debezium documentation 3.5: "New Record State Extraction").
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "envelope/envelope.h"
#include "envelope/metadata.h"

namespace penstock::envelope {

// delete.tombstone.handling.mode: what becomes of a delete, and of the tombstone behind it.
enum class DeleteMode : std::uint8_t {
  kDrop,                  // neither
  kTombstone,             // the value null in the delete's place, with its schema where schemas are on
  kRewrite,               // the old row with __deleted; the others have __deleted too
  kRewriteWithTombstone,  // and the tombstone
  kDeleteToTombstone,     // a tombstone in the delete's place
};

struct UnwrapOptions {
  DeleteMode deletes = DeleteMode::kTombstone;
  std::vector<MetadataField> fields;   // add.fields
  std::vector<MetadataField> headers;  // add.headers
  std::string route_by;                // route.by.field: the column that names the topic; empty: none
};

// Of one shape of a table. `table` must outlive it.
class UnwrappedRows {
 public:
  UnwrappedRows(const Options& options, const TableFacts& facts, const TableEnvelope& table,
                const UnwrapOptions& unwrap);

  // The row of the change: its new one, of a delete the old one.
  Status append_row(std::string& out, const Change& change) const;
  // What stands for a deleted row in the mode kTombstone: null, no tombstone.
  void append_null(std::string& out) const;
  using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;
  Headers headers(const Change& change) const;
  // "op" alone: of the tombstone behind a delete.
  Headers tombstone_headers() const;

 private:
  void append_added(std::string& out, const Change& change) const;

  const TableEnvelope& table_;
  UnwrapOptions unwrap_;
  TableNames names_;
  bool marks_ = false;  // __deleted
  std::string head_, null_head_, tail_;
};

}  // namespace penstock::envelope
