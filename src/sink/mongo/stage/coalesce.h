// Several writes of one document within a group become one, so that each document is touched once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/arena.h"
#include "model/document_write.h"
#include "sink/mongo/encode/document_encoder.h"

namespace penstock::mongo {

// The one write of a document in a segment.
struct Pending {
  DocumentWrite write;
  EncodedId id;
  std::uint32_t collection = 0;  // number of the collection within the group
  std::int32_t previous = -1;    // kCarry: index into Coalescer::previous_ids()
  Lsn since;                     // commit of the first of the merged writes
  bool owns_fields = false;      // write.fields is our own copy in the arena
  bool delete_first =
      false;  // the `_id` is written anew, in another form that MongoDB takes as equal (1.0, 1.00)
  bool absorbed_delete = false;  // kCarry over a deleted document: that goes, whatever becomes of the carry
  bool dropped = false;          // a later clear made it pointless
};

// Writes that may be carried out in any order, except that the clears come first and that carries read before
// anything else of the segment is written: each document of each collection occurs once.
struct Segment {
  std::vector<DocumentWrite> clears;
  std::vector<Pending> writes;
};

// One group. The result borrows from what the writes borrow from, and from `arena`.
class Coalescer {
 public:
  Coalescer(Arena& arena, EncodeCounts& counts, std::size_t expected_writes);

  // In order. kBadValue: the `_id` cannot be encoded; the write is left out.
  Status add(const DocumentWrite& write);

  std::vector<Segment>& segments() { return segments_; }
  const std::vector<EncodedId>& previous_ids() const { return previous_ids_; }
  std::size_t merged() const { return merged_; }  // writes that disappeared in others

 private:
  void clear(const DocumentWrite& write);
  void drop_writes(Segment& segment, std::uint32_t collection);
  Status carry(const DocumentWrite& write, EncodedId id);
  void carry_onto_itself(const DocumentWrite& write, EncodedId id, EncodedId previous);
  void leave_previous(const DocumentWrite& carry, EncodedId previous, std::int32_t pending);
  void place(const DocumentWrite& write, EncodedId id);
  bool merge(Pending& pending, const DocumentWrite& write, EncodedId& id);
  void overlay(Pending& pending, const DocumentWrite& write);
  void overwrite(Pending& pending, const DocumentWrite& write, EncodedId& id, WriteKind kind);
  const Value* overlaid(const DocumentShape& shape, const Value* below, const Value* above);
  const Value* mark(const DocumentWrite& write);
  std::size_t append(const DocumentWrite& write, EncodedId id);
  void barrier();

  std::uint32_t collection_of(const DocumentShape* shape);
  std::int32_t find(std::uint32_t collection, std::string_view key) const;  // index into the segment, or -1
  std::size_t slot_of(std::uint32_t collection, std::string_view key) const;
  void grow_slots(std::size_t slots);
  Pending& at(std::int32_t index) { return segments_.back().writes[static_cast<std::size_t>(index)]; }

  Arena& arena_;
  EncodeCounts& counts_;
  std::vector<Segment> segments_;
  std::vector<EncodedId> previous_ids_;
  std::vector<std::uint32_t> slots_;  // open addressing: index into the segment's writes + 1; 0: free
  const DocumentShape* last_shape_ = nullptr;
  std::uint32_t last_collection_ = 0;
  std::vector<const DocumentShape*> shapes_;  // seen, with the collection's number each
  std::vector<std::uint32_t> shape_collections_;
  std::vector<std::string_view> collections_;
  std::size_t merged_ = 0;
};

}  // namespace penstock::mongo
