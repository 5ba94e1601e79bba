// What a projector hands to a document sink.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/event_batch.h"
#include "model/places.h"
#include "model/rejected_record.h"
#include "model/value.h"

namespace penstock {

// The BSON type a field is asked to have (`as:` in the pipeline file); kDefault is the type table of
// docs/types.md.
enum class BsonType : std::uint8_t {
  kDefault,
  kInt,
  kLong,
  kDouble,
  kDecimal,
  kString,
  kBool,
  kDate,
  kBinary,
  kObjectId,
  kJson
};
const char* name_of(BsonType type);

struct FieldShape {
  std::string name;  // written literally, also with '.' or '$' in it
  BsonType as = BsonType::kDefault;
  std::string source;  // "public.orders.phone numeric(10,2)", for errors
  // Of a Struct value, or of the Structs in an Array value: the shapes of its fields, in their order, one
  // each; Unchanged ones are left out. Empty: the default mapping all the way down.
  std::vector<FieldShape> fields = {};
  bool list = false;  // the value is an Array: each of its items has this shape (also without `fields`)
  bool map = false;   // the value is a Struct with names of its own: each of its values has this shape
};

// The fields of a collection's documents, in order, without _id. Lives as long as the pipeline.
struct DocumentShape {
  std::string collection;
  std::string built_for;  // the name it gets once it is complete; empty: it has it
  std::string table;      // to_string(TableName)
  std::vector<FieldShape> fields;
  // _id: one field: its value; several: a document of them in this order.
  std::vector<FieldShape> id;
  // The columns behind `id`, in the same order. None: a summary, whose `_id` is that of a group; NULL is one.
  std::vector<std::string> id_columns;
  bool soft_deletes = false;
  bool partial = false;   // a read model: Unchanged fields are left out of whole documents
  int change_field = -1;  // index into fields of the metadata field `change`; -1: none
  int time_field = -1;

  // As the pipeline file has it.
  const std::string& name() const { return built_for.empty() ? collection : built_for; }
};

enum class WriteKind : std::uint8_t {
  kInsert,   // new to all knowledge; a duplicate key turns it into kReplace
  kReplace,  // whole document, inserted if missing
  kPatch,    // fields that are not Unchanged are set; a missing document asks for a re-read of the row
  kCarry,    // key change with Unchanged fields: whole document, the Unchanged ones from document
             // `previous_id`, which is deleted; if that is missing, a re-read is asked for
  kDelete,
  kSoftDelete,  // sets the change and time fields, if the document exists
  kClear,       // TRUNCATE: every document of the collection goes (soft: is marked)
};

struct DocumentWrite {
  WriteKind kind = WriteKind::kInsert;
  bool soft = false;  // for kClear and kCarry: the old documents are marked, not deleted
  const DocumentShape* shape = nullptr;
  const Value* id = nullptr;           // shape->id.size() values
  const Value* previous_id = nullptr;  // kCarry
  const Value* fields = nullptr;       // shape->fields.size() values
  // The row's key, for a re-read and for dead letters: columns of `schema->key` taken from `row`.
  const TableSchema* schema = nullptr;
  const Value* row = nullptr;
  Position position;  // of the event it comes from
};

// A document that could not be made: parked with its reason, or the pipeline's end, as the user chose.
struct RejectedDocument {
  DocumentWrite write;  // shape, id, schema, row, position; no fields
  Error error;
};

// A finished collection takes the place of the one that readers see.
struct Publish {
  std::string target;      // where it was built
  std::string collection;  // its name from now on
  // With soft deletes, the field that says "deleted": documents of the former collection that the new one
  // lacks are taken over with this mark.
  std::string soft_change = {};
};

// Events that a sink of events passes on as they are; the batch is among WriteGroup::batches.
struct EventRange {
  const EventBatch* batch = nullptr;
  std::size_t first = 0;
  std::size_t last = 0;
};

// Writes that must become visible together, in order, with what must be stored in the same transaction.
struct WriteGroup {
  std::vector<DocumentWrite> writes;
  std::vector<EventRange> events;    // instead of writes, where the sink takes events
  std::optional<Position> position;  // where the stream stands afterwards; none: a chunk
  Places places;                     // of a source made of partitions: those that moved
  std::optional<ChunkResult> chunk;
  std::optional<LoadStep> step;
  std::vector<RejectedDocument> rejected;
  std::vector<RejectedRecord> rejected_records;  // parked with the group
  std::vector<Reread> rereads;                   // rows to read again, stored with the group
  std::optional<Publish> publish;                // once the group is durable
  // Stored with the position; none: what is stored stays.
  std::optional<PendingDocuments> pending;
  // Before the group is written its target is made anew: empty, with the collection's indexes.
  std::optional<Publish> prepare;
  bool splits_transaction = false;  // part of a source transaction larger than a group
  std::size_t transactions = 0;     // source transactions that end in it
  std::size_t rows = 0;             // row and truncate events it was made from
  std::size_t bytes = 0;            // estimate of what it holds
  std::int64_t last_commit_micros = 0;
  // What the writes borrow from.
  std::vector<EventBatchPtr> batches;
  Arena arena;
};

}  // namespace penstock
