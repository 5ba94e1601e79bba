// A group as BSON, ready to be sent: what stage() makes and a lane commits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/document_write.h"
#include "sink/document_sink.h"
#include "sink/mongo/bson.h"
#include "sink/mongo/encode/document_encoder.h"
#include "sink/mongo/mongo_sink.h"

namespace penstock::mongo {

// One write in Run::bytes: the filter {_id: …} of `id_bytes`, directly followed by its body of `body_bytes`.
struct Item {
  std::uint32_t offset = 0;
  std::uint32_t id_bytes = 0;
  std::uint32_t body_bytes = 0;
  std::uint32_t detail = 0;  // patches: index into keys; carries: index into carries
  Lsn commit_lsn;
  std::uint64_t ordinal = 0;
  bool refused = false;  // parked as a dead letter while committing: no longer written
};

// Writes of one kind, one after the other in one buffer.
struct Run {
  std::string bytes;
  std::vector<Item> items;

  const std::uint8_t* id(const Item& item) const { return data() + item.offset; }
  const std::uint8_t* body(const Item& item) const { return data() + item.offset + item.id_bytes; }
  const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
  std::size_t live() const;  // items that are not refused
};

// How to ask for the row of a patch or carry again.
struct RowKey {
  std::uint32_t columns = 0;  // index into EncodedGroup::key_columns
  KeyText key;
  Lsn since;
};

struct Carry {
  std::string previous;                  // {_id: …} of the document that has the missing fields
  std::vector<std::uint16_t> unchanged;  // their indexes into shape.fields
  RowKey row;
  bool delete_target = false;  // also when there is no such document
};

// The writes of one collection in one segment. Kinds are carried out in this order.
struct CollectionWrites {
  const DocumentShape* shape = nullptr;
  Run deletes;
  Run inserts;
  Run replaces;
  Run patches;       // body: the update, {$set: …} or the array of a pipeline
  Run soft_deletes;  // likewise; a missing document is no matter
  Run carries;       // body: the document without _id and without the unchanged fields
  std::vector<RowKey> keys;
  std::vector<Carry> carry_details;
  EncodedId named(const Run& run, const Item& item) const;  // for messages
};

struct ClearStep {
  const DocumentShape* shape = nullptr;
  bool soft = false;
  Bson mark;  // soft: {$set: {change, time}}
};

struct StagedSegment {
  std::vector<ClearStep> clears;
  std::vector<CollectionWrites> collections;
};

struct DeadLetter {
  std::string collection;
  Bson document;
  std::string row = {};  // reread_handle() of the row it is of; empty: the row cannot be asked for
};

// Not thread-safe: staged by one thread, then committed by one lane.
class EncodedGroup : public StagedGroup {
 public:
  std::size_t bytes() const override { return bytes_; }
  std::size_t writes() const override { return writes_; }
  const WriteGroup& group() const override { return group_; }
  bool too_large() const override { return refused_whole; }
  // Whether nothing but the position is to be written.
  bool only_position() const;

  std::vector<StagedSegment> segments;
  std::vector<DeadLetter> dead_letters;
  std::vector<std::vector<std::string>> key_columns;  // of re-reads, one entry per table shape
  std::uint64_t token = 0;                            // tells the groups of one sink apart
  EncodeCounts counts;
  std::size_t merged = 0;      // writes that coalescing saved
  bool refused_whole = false;  // by the last commit
  CommitResult last_try;       // what the last attempt would have answered: for a commit with unknown result

 private:
  friend Result<std::unique_ptr<EncodedGroup>> encode_group(WriteGroup group, const Options& options);
  WriteGroup group_;
  std::size_t bytes_ = 0;
  std::size_t writes_ = 0;
};

// Coalesces and encodes. Frees the batches and the arena of `group`; its writes are emptied. Any thread.
// Of `options`: with `dead_letters` rows that cannot be encoded are parked in the group, as are its rejected
// records; else the first is returned as kBadValue or kRejectedDocument.
Result<std::unique_ptr<EncodedGroup>> encode_group(WriteGroup group, const Options& options);

}  // namespace penstock::mongo
