#include "sink/mongo/stage/staged_group.h"

#include <bson/bson.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "model/kept_state.h"
#include "sink/mongo/stage/coalesce.h"
#include "sink/mongo/stage/dead_letter.h"
#include "sink/mongo/stage/record_letter.h"
#include "sink/mongo/stage/row_key.h"

namespace penstock::mongo {
namespace {

// Encodes the writes of one group. Holds the document under construction, so that its memory is reused.
class GroupEncoder {
 public:
  GroupEncoder(EncodedGroup& group, const Options& options) : group_(group), options_(options) {
    bson_init(&document_);
  }
  ~GroupEncoder() { bson_destroy(&document_); }
  GroupEncoder(const GroupEncoder&) = delete;
  GroupEncoder& operator=(const GroupEncoder&) = delete;

  // Coalesces and encodes.
  Status encode(WriteGroup& group) {
    Coalescer coalescer(group.arena, group_.counts, group.writes.size());
    for (const DocumentWrite& write : group.writes) PENSTOCK_TRY(parked(coalescer.add(write), write));
    for (const RejectedDocument& rejected : group.rejected)
      PENSTOCK_TRY(parked(fail(rejected.error), rejected.write));
    for (const RejectedRecord& record : group.rejected_records) PENSTOCK_TRY(parked(record));
    group_.merged = coalescer.merged();
    for (const Segment& segment : coalescer.segments()) {
      if (!segment.clears.empty() || !segment.writes.empty())
        PENSTOCK_TRY(encode_segment(segment, coalescer));
    }
    return {};
  }

 private:
  Status encode_segment(const Segment& segment, const Coalescer& coalescer) {
    StagedSegment& staged = group_.segments.emplace_back();
    last_ = nullptr;
    for (const DocumentWrite& clear : segment.clears) PENSTOCK_TRY(encode_clear(staged, clear));
    for (const Pending& pending : segment.writes) {
      if (pending.dropped) continue;
      CollectionWrites& to = writes_of(staged, pending.write.shape);
      PENSTOCK_TRY(parked(encode_write(to, pending, coalescer), pending.write));
    }
    return {};
  }

  // Turns what is wrong with one row into a dead letter, when that is wanted.
  Status parked(Status status, const DocumentWrite& write) {
    if (status) return status;
    if (kept::is_kept(write.shape->collection))
      return fail(refused_to_keep(describe_row(*write.shape, write.id), status.error()));
    if (!options_.dead_letters) return status;
    const ErrorKind kind = status.error().kind;
    if (kind != ErrorKind::kBadValue && kind != ErrorKind::kRejectedDocument) return status;
    group_.dead_letters.push_back(dead_letter_of(options_.pipeline, write, status.error()));
    return {};
  }

  Status parked(const RejectedRecord& record) {
    if (!options_.dead_letters) return fail(record.error);
    for (DeadLetter& letter : dead_letters_of(options_, record))
      group_.dead_letters.push_back(std::move(letter));
    return {};
  }

  CollectionWrites& writes_of(StagedSegment& staged, const DocumentShape* shape) {
    if (last_ != nullptr && last_->shape == shape) return *last_;
    for (CollectionWrites& writes : staged.collections) {
      if (writes.shape == shape) return *(last_ = &writes);
    }
    staged.collections.emplace_back().shape = shape;
    return *(last_ = &staged.collections.back());
  }

  Status encode_clear(StagedSegment& staged, const DocumentWrite& write) {
    ClearStep step;
    step.shape = write.shape;
    step.soft = write.soft;
    if (write.soft) PENSTOCK_TRY(encode_mark(step.mark, write));
    staged.clears.push_back(std::move(step));
    return {};
  }

  // What a soft clear sets in each document: {change: "deleted", time: …}.
  Status encode_mark(Bson& set, const DocumentWrite& write) {
    const DocumentShape& shape = *write.shape;
    if (shape.change_field < 0) return {};
    PENSTOCK_TRY(append_mark(set, shape, shape.change_field, Value(Text{"deleted"})));
    if (shape.time_field < 0 || write.fields == nullptr) return {};
    return append_mark(set, shape, shape.time_field, write.fields[shape.time_field]);
  }

  Status append_mark(Bson& set, const DocumentShape& shape, int field, const Value& value) {
    return append_field(*set.get(), shape.fields[static_cast<std::size_t>(field)], value, group_.counts);
  }

  Status encode_write(CollectionWrites& to, const Pending& pending, const Coalescer& coalescer) {
    const DocumentWrite& write = pending.write;
    if (pending.delete_first) add(to.deletes, pending, nullptr, 0);
    switch (write.kind) {
      case WriteKind::kDelete:
        add(to.deletes, pending, nullptr, 0);
        return {};
      case WriteKind::kInsert:
        return encode_whole(to.inserts, pending);
      case WriteKind::kReplace:
        return encode_whole(to.replaces, pending);
      case WriteKind::kSoftDelete:
        return encode_patch_into(to, to.soft_deletes, pending);
      case WriteKind::kPatch:
        return encode_patch_into(to, to.patches, pending);
      case WriteKind::kCarry:
        return encode_carry(to, pending, coalescer);
      case WriteKind::kClear:
        break;
    }
    return fail(ErrorKind::kInternal, "a clear among the writes of documents");
  }

  Status encode_whole(Run& run, const Pending& pending) {
    bson_reinit(&document_);
    PENSTOCK_TRY(
        encode_document(*pending.write.shape, pending.id, pending.write.fields, document_, group_.counts));
    add(run, pending, bson_get_data(&document_), document_.len);
    return {};
  }

  Status encode_patch_into(CollectionWrites& to, Run& run, const Pending& pending) {
    PENSTOCK_ASSIGN(const EncodedPatch patch,
                    encode_patch(*pending.write.shape, pending.id, pending.write.fields, group_.counts));
    if (patch.empty && pending.write.kind == WriteKind::kSoftDelete) return {};
    const Bson update = patch.literal.empty() ? set_update(patch) : pipeline_update(patch);
    if (&run == &to.patches) to.keys.push_back(row_key(pending));
    add(run, pending, bson_get_data(update.get()), update.size());
    run.items.back().detail = to.keys.empty() ? 0U : static_cast<std::uint32_t>(to.keys.size() - 1);
    return {};
  }

  static Bson set_update(const EncodedPatch& patch) {
    const Bson set = Bson::copy(reinterpret_cast<const std::uint8_t*>(patch.bson.data()), patch.bson.size());
    // An update that sets nothing still has to find its document: `$set: {}` is a no-op since MongoDB 5.0.
    return std::move(Bson().put("$set", set));
  }

  // [{$replaceWith: {$setField: {field: {$literal: name}, input: …, value: {$literal: value}}}}, …]
  static Bson pipeline_update(const EncodedPatch& patch) {
    const Bson set = Bson::copy(reinterpret_cast<const std::uint8_t*>(patch.bson.data()), patch.bson.size());
    BsonList stages;
    bson_iter_t field;
    bson_iter_init(&field, set.get());
    while (bson_iter_next(&field)) {
      Bson value;
      bson_append_iter(value.get(), "$literal", -1, &field);
      Bson set_field;
      set_field.put("field", Bson().put_text("$literal", {bson_iter_key(&field), bson_iter_key_len(&field)}));
      set_field.put_text("input", "$$ROOT").put("value", value);
      stages.add(Bson().put("$replaceWith", Bson().put("$setField", set_field)));
    }
    return Bson::copy(stages.elements().get());
  }

  Status encode_carry(CollectionWrites& to, const Pending& pending, const Coalescer& coalescer) {
    Carry carry;
    bson_reinit(&document_);
    PENSTOCK_TRY(encode_document(*pending.write.shape, pending.id, pending.write.fields, document_,
                                 group_.counts, &carry.unchanged));
    carry.previous = coalescer.previous_ids()[static_cast<std::size_t>(pending.previous)].bson;
    carry.row = row_key(pending);
    carry.delete_target = pending.absorbed_delete;
    add(to.carries, pending, bson_get_data(&document_), document_.len);
    to.carries.items.back().detail = static_cast<std::uint32_t>(to.carry_details.size());
    to.carry_details.push_back(std::move(carry));
    return {};
  }

  RowKey row_key(const Pending& pending) {
    const DocumentWrite& write = pending.write;
    RowKey row;
    row.since = pending.since;
    if (write.schema == nullptr || write.row == nullptr) return row;
    row.key = key_text(*write.schema, write.row);
    if (write.schema != last_schema_) {
      last_schema_ = write.schema;
      group_.key_columns.push_back(key_columns(*write.schema));
    }
    row.columns = static_cast<std::uint32_t>(group_.key_columns.size() - 1);
    return row;
  }

  void add(Run& run, const Pending& pending, const std::uint8_t* body, std::size_t size) {
    PENSTOCK_CHECK(run.bytes.size() + size < std::numeric_limits<std::uint32_t>::max());
    Item& item = run.items.emplace_back();
    item.offset = static_cast<std::uint32_t>(run.bytes.size());
    item.id_bytes = static_cast<std::uint32_t>(pending.id.bson.size());
    item.body_bytes = static_cast<std::uint32_t>(size);
    item.commit_lsn = pending.write.position.commit_lsn;
    item.ordinal = pending.write.position.ordinal;
    run.bytes.append(pending.id.bson);
    if (size > 0) run.bytes.append(reinterpret_cast<const char*>(body), size);
  }

  EncodedGroup& group_;
  const Options& options_;
  bson_t document_;
  CollectionWrites* last_ = nullptr;
  const TableSchema* last_schema_ = nullptr;
};

void measure(const CollectionWrites& writes, std::size_t& count, std::size_t& bytes) {
  for (const Run* run : {&writes.deletes, &writes.inserts, &writes.replaces, &writes.patches,
                         &writes.soft_deletes, &writes.carries}) {
    count += run->items.size();
    bytes += run->bytes.size();
  }
}

}  // namespace

std::size_t Run::live() const {
  return static_cast<std::size_t>(
      std::count_if(items.begin(), items.end(), [](const Item& item) { return !item.refused; }));
}

EncodedId CollectionWrites::named(const Run& run, const Item& item) const {
  EncodedId id;
  id.bson = run.bytes.substr(item.offset, item.id_bytes);
  return id;
}

bool EncodedGroup::only_position() const {
  return segments.empty() && dead_letters.empty() && !group_.chunk && !group_.step &&
         group_.rereads.empty() && group_.places.empty() && !group_.prepare && !group_.publish;
}

Result<std::unique_ptr<EncodedGroup>> encode_group(WriteGroup group, const Options& options) {
  auto encoded = std::make_unique<EncodedGroup>();
  PENSTOCK_TRY(GroupEncoder(*encoded, options).encode(group));
  for (const StagedSegment& segment : encoded->segments) {
    encoded->writes_ += segment.clears.size();
    for (const CollectionWrites& writes : segment.collections)
      measure(writes, encoded->writes_, encoded->bytes_);
  }
  std::vector<DocumentWrite>().swap(group.writes);
  group.rejected.clear();  // they borrow, too
  std::vector<RejectedRecord>().swap(group.rejected_records);
  group.batches.clear();
  group.arena = Arena();
  encoded->group_ = std::move(group);
  return encoded;
}

}  // namespace penstock::mongo
