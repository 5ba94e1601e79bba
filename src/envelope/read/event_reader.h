// Debezium's change events as Events: the way back from envelope/envelope.h. docs/apply.md says what the
// records cannot tell.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "envelope/options.h"
#include "envelope/read/record_head.h"
#include "model/event_batch.h"
#include "model/table_schema.h"
#include "pgtype/decoder.h"

namespace penstock::envelope {

struct ReadOptions {
  // How the records were written: the handling modes and the placeholder. Where a record has an inline
  // schema, it says itself how numbers and times are written, and this is asked for the rest (binary,
  // hstore).
  Options values = {};
  // The table, where neither a catalog nor the records name it.
  TableName table = {};
  // Columns of the index behind REPLICA IDENTITY USING INDEX; empty: the key.
  std::vector<std::string> identity = {};
  // Takes records of other tables than the catalog's too: topics that a router fills from several alike
  // tables, a root's topic with rows of its leaves. Else such a record is kBadValue (two names that differ in
  // letters which Kafka does not allow end in one topic).
  bool other_tables = false;
  // Makes decoders for types that are not built in (composites, with include.unknown.datatypes). None, or an
  // error: their values are text.
  std::function<Result<std::shared_ptr<const pgtype::Decoder>>(std::uint32_t type_oid)> decoder = {};
};

enum class Outcome : std::uint8_t {
  kEvent,      // one event was appended
  kTombstone,  // a null value behind a delete's record, or of a table without key: nothing to do
  kIgnored,    // a heartbeat, a logical message, a record of a transaction topic: `reason`
};

struct ReadRecord {
  Outcome outcome = Outcome::kIgnored;
  RecordHead head;          // kEvent
  std::string reason = {};  // kIgnored
};

// Of one topic, in the order of its records. One thread. Reuses its buffers: it holds as much memory as the
// largest record needed.
class EventReader {
 public:
  // `schema`: the table as the source's catalog describes it. Null: columns and types are those of the
  // records' inline schemas (value.converter.schemas.enable), the key is the record's key.
  EventReader(ReadOptions options, std::shared_ptr<const TableSchema> schema);
  ~EventReader();
  EventReader(EventReader&&) noexcept;
  EventReader& operator=(EventReader&&) noexcept;

  // Appends at most one event to `batch`: values in its arena, the schema in its schemas; `position` is left
  // to the caller. The events' kinds:
  //   kInsert    c and r: a whole row, which may exist already (r, redelivery)
  //   kUpdate    u; also c and r that hold an unchanged TOAST value (a key change), without `before`
  //   kDelete    d, and a null value where rows come unwrapped; `before` holds the replica identity
  //   kTruncate  t
  // An event's schema has the columns that the record has, in the catalog's order.
  // Records are enveloped or unwrapped (ExtractNewRecordState), with inline schemas or without: each says
  // itself. A null value says it by the record before; where there is none it is taken for a delete by key.
  // Errors: kBadValue when the record is not JSON, no event, or a value does not fit its column, with the
  // table and the column; kConfiguration when nothing says the columns' types. Nothing was appended then.
  Result<ReadRecord> read(const RecordBytes& record, EventBatch& batch);

  // Fields of the records that the catalog does not have (dropped since), as far as seen.
  const std::set<std::string>& unknown_fields() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::envelope
