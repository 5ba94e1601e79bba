#include "sink/mongo/apply/applier.h"

#include <algorithm>
#include <array>

#include "sink/mongo/apply/carry.h"
#include "sink/mongo/apply/clear.h"
#include "sink/mongo/encode/document_encoder.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/state/letter_marks.h"
#include "sink/mongo/state/records.h"

namespace penstock::mongo {
namespace {

constexpr std::uint32_t kMaxIdBytes = 8U * 1024 * 1024;  // of the ids in one filter
constexpr std::uint32_t kMaxIds = 20000;

bool full(const BsonList& ids) { return ids.elements().size() > kMaxIdBytes || ids.size() >= kMaxIds; }

Bson in_filter(const BsonList& ids) {
  return std::move(Bson().put("_id", Bson().put_array("$in", ids.elements())));
}

// All but those that were parked as dead letters.
std::vector<Item*> live_items(Run& run) {
  std::vector<Item*> items;
  items.reserve(run.items.size());
  for (Item& item : run.items)
    if (!item.refused) items.push_back(&item);
  return items;
}

std::string doing(const char* verb, const DocumentShape& shape) {
  return std::string(verb) + " documents of " + shape.collection;
}

}  // namespace

void Applier::ask_for(const std::vector<Reread>& rows) {
  for (Reread row : rows) {
    row.id = reread_handle(row.table, row.key);
    rereads_.push_back(std::move(row));
  }
}

Tried<void> Applier::apply(EncodedGroup& group) {
  for (StagedSegment& segment : group.segments) PENSTOCK_ATTEMPT(apply_segment(group, segment));
  PENSTOCK_ATTEMPT(store_rereads());
  return store_dead_letters(group);
}

Tried<void> Applier::apply_segment(EncodedGroup& group, StagedSegment& segment) {
  for (const ClearStep& step : segment.clears)
    PENSTOCK_ATTEMPT(clear_now(connection_, database_, step, session_));
  std::vector<std::vector<Carried>> carried(segment.collections.size());
  for (std::size_t i = 0; i < segment.collections.size(); ++i) {
    PENSTOCK_ATTEMPT(read_carries(group, segment.collections[i], carried[i]));
  }
  for (std::size_t i = 0; i < segment.collections.size(); ++i) {
    CollectionWrites& writes = segment.collections[i];
    PENSTOCK_ATTEMPT(remove(writes, writes.deletes));
    PENSTOCK_ATTEMPT(insert(writes));
    PENSTOCK_ATTEMPT(replace(writes, writes.replaces));
    PENSTOCK_ATTEMPT(write_carried(writes, carried[i]));
    PENSTOCK_ATTEMPT(patch(group, writes));
    PENSTOCK_ATTEMPT(soft_delete(writes));
  }
  return {};
}

Tried<void> Applier::read_carries(EncodedGroup& group, CollectionWrites& writes,
                                  std::vector<Carried>& carried) {
  BsonList gone;
  for (Item& item : writes.carries.items) {
    if (item.refused) continue;
    const Carry& carry = writes.carry_details[item.detail];
    Find find;
    find.filter =
        Bson::copy(reinterpret_cast<const std::uint8_t*>(carry.previous.data()), carry.previous.size());
    find.limit = 1;
    PENSTOCK_ATTEMPT_ASSIGN(const std::vector<Bson> found,
                            connection_.find(database_, writes.shape->collection, find, session_,
                                             "reading the document of a row whose key changes"));
    std::optional<Bson> whole;
    if (!found.empty()) whole = carried_document(*writes.shape, writes.carries, item, carry, found.front());
    if (whole) {
      carried.push_back({&item, std::move(*whole)});
      continue;
    }
    ask_again(group, *writes.shape, carry.row);
    if (carry.delete_target) gone.add_first_value(writes.carries.id(item), item.id_bytes);
  }
  if (gone.size() == 0) return {};
  Bulk bulk(connection_, database_, writes.shape->collection, session_);
  bulk.remove(in_filter(gone));
  PENSTOCK_ATTEMPT(bulk.execute(doing("deleting", *writes.shape)));
  return {};
}

Tried<void> Applier::remove(CollectionWrites& writes, Run& run) {
  return remove_items(writes, run, live_items(run));
}

// `_id`s are gathered into few filters: a statement for each costs the server several times as much.
Tried<void> Applier::remove_items(CollectionWrites& writes, Run& run, const std::vector<Item*>& items) {
  if (items.empty()) return {};
  Bulk bulk(connection_, database_, writes.shape->collection, session_);
  BsonList ids;
  for (const Item* item : items) {
    ids.add_first_value(run.id(*item), item->id_bytes);
    if (!full(ids)) continue;
    bulk.remove(in_filter(ids));
    ids.clear();
  }
  if (ids.size() > 0) bulk.remove(in_filter(ids));
  PENSTOCK_ATTEMPT(bulk.execute(doing("deleting", *writes.shape)));
  return {};
}

Tried<BulkCounts> Applier::execute(Bulk& bulk, CollectionWrites& writes, Run& run,
                                   const std::vector<Item*>& items, const char* verb) {
  Tried<BulkCounts> done = bulk.execute(doing(verb, *writes.shape));
  if (!done && done.error().kind == FailureKind::kDocument && done.error().index < items.size()) {
    culprit_ = {&writes, &run, items[done.error().index]};
  }
  return done;
}

Tried<void> Applier::insert(CollectionWrites& writes) {
  Run& run = writes.inserts;
  if (run.items.empty()) return {};
  if (mode_ == InsertMode::kUpsert) return replace(writes, run);
  if (mode_ == InsertMode::kLookUp) return insert_after_look_up(writes);
  return insert_items(writes, run, live_items(run));
}

Tried<void> Applier::insert_after_look_up(CollectionWrites& writes) {
  Run& run = writes.inserts;
  PENSTOCK_ATTEMPT_ASSIGN(const auto existing, existing_ids(writes, run));
  std::vector<Item*> missing;
  std::vector<Item*> present;
  for (Item& item : run.items) {
    if (item.refused) continue;
    const bool exists = existing.contains(run.bytes.substr(item.offset, item.id_bytes));
    (exists ? present : missing).push_back(&item);
  }
  existing_ += present.size();
  PENSTOCK_ATTEMPT(insert_items(writes, run, missing));
  return replace_items(writes, run, present);
}

Tried<void> Applier::insert_items(CollectionWrites& writes, Run& run, const std::vector<Item*>& items) {
  Bulk bulk(connection_, database_, writes.shape->collection, session_);
  for (const Item* item : items) bulk.insert(run.body(*item), item->body_bytes);
  PENSTOCK_ATTEMPT(execute(bulk, writes, run, items, "inserting"));
  return {};
}

Tried<void> Applier::replace_items(CollectionWrites& writes, Run& run, const std::vector<Item*>& items) {
  if (items.empty()) return {};
  if (replace_is_refused(*writes.shape)) {
    PENSTOCK_ATTEMPT(remove_items(writes, run, items));
    return insert_items(writes, run, items);
  }
  Bulk bulk(connection_, database_, writes.shape->collection, session_);
  for (const Item* item : items)
    bulk.replace(run.id(*item), item->id_bytes, run.body(*item), item->body_bytes);
  PENSTOCK_ATTEMPT(execute(bulk, writes, run, items, "replacing"));
  return {};
}

Tried<void> Applier::replace(CollectionWrites& writes, Run& run) {
  return replace_items(writes, run, live_items(run));
}

Tried<void> Applier::write_carried(CollectionWrites& writes, std::vector<Carried>& carried) {
  if (carried.empty()) return {};
  Run& run = writes.carries;
  std::vector<Item*> items;
  for (const Carried& one : carried) items.push_back(one.item);
  const bool anew = replace_is_refused(*writes.shape);
  if (anew) PENSTOCK_ATTEMPT(remove_items(writes, run, items));
  Bulk bulk(connection_, database_, writes.shape->collection, session_);
  for (const Carried& one : carried) {
    if (anew) {
      bulk.insert(one.document.data(), one.document.size());
    } else {
      bulk.replace(run.id(*one.item), one.item->id_bytes, one.document.data(), one.document.size());
    }
  }
  PENSTOCK_ATTEMPT(execute(bulk, writes, run, items, "replacing"));
  return {};
}

Tried<void> Applier::patch(EncodedGroup& group, CollectionWrites& writes) {
  Run& run = writes.patches;
  if (run.items.empty()) return {};
  Bulk bulk(connection_, database_, writes.shape->collection, session_);
  std::vector<Item*> items;
  for (Item& item : run.items) {
    if (item.refused) continue;
    bulk.update(run.id(item), item.id_bytes, run.body(item), item.body_bytes);
    items.push_back(&item);
  }
  PENSTOCK_ATTEMPT_ASSIGN(const BulkCounts counts, execute(bulk, writes, run, items, "updating"));
  if (counts.matched == items.size()) return {};
  return find_missing(group, writes);
}

Tried<void> Applier::soft_delete(CollectionWrites& writes) {
  Run& run = writes.soft_deletes;
  if (run.items.empty()) return {};
  Bulk bulk(connection_, database_, writes.shape->collection, session_);
  std::vector<Item*> items;
  for (Item& item : run.items) {
    if (item.refused) continue;
    bulk.update(run.id(item), item.id_bytes, run.body(item), item.body_bytes);
    items.push_back(&item);
  }
  PENSTOCK_ATTEMPT(execute(bulk, writes, run, items, "marking"));
  return {};
}

// The server says how many documents a bulk of updates matched, not which.
Tried<void> Applier::find_missing(EncodedGroup& group, CollectionWrites& writes) {
  Run& run = writes.patches;
  PENSTOCK_ATTEMPT_ASSIGN(const auto existing, existing_ids(writes, run));
  for (const Item& item : run.items) {
    if (item.refused || existing.contains(run.bytes.substr(item.offset, item.id_bytes))) continue;
    // The stored `_id` may be equal without being the same bytes (1.0 and 1.00).
    Find find;
    find.filter = Bson::copy(run.id(item), item.id_bytes);
    find.projection.put_int("_id", 1);
    find.limit = 1;
    PENSTOCK_ATTEMPT_ASSIGN(
        const std::vector<Bson> found,
        connection_.find(database_, writes.shape->collection, find, session_, "looking for a document"));
    if (found.empty()) ask_again(group, *writes.shape, writes.keys[item.detail]);
  }
  return {};
}

// The filters {_id: …} of the documents of `run` that exist, as they are stored.
Tried<std::unordered_set<std::string>> Applier::existing_ids(const CollectionWrites& writes, const Run& run) {
  std::unordered_set<std::string> existing;
  BsonList ids;
  for (std::size_t i = 0; i < run.items.size(); ++i) {
    ids.add_first_value(run.id(run.items[i]), run.items[i].id_bytes);
    if (!full(ids) && i + 1 < run.items.size()) continue;
    Find find;
    find.filter = in_filter(ids);
    find.projection.put_int("_id", 1);
    PENSTOCK_ATTEMPT_ASSIGN(const std::vector<Bson> found,
                            connection_.find(database_, writes.shape->collection, find, session_,
                                             "looking for existing documents"));
    for (const Bson& id : found) existing.insert(id.bytes());
    ids.clear();
  }
  return existing;
}

void Applier::ask_again(const EncodedGroup& group, const DocumentShape& shape, const RowKey& row) {
  Reread reread;
  reread.table = shape.table;
  if (row.columns < group.key_columns.size()) reread.columns = group.key_columns[row.columns];
  reread.key = row.key;
  reread.since = row.since;
  reread.id = reread_handle(reread.table, reread.key);
  const auto same = [&](const Reread& other) { return other.id == reread.id; };
  // Several collections of one table ask for the same row.
  if (std::none_of(rereads_.begin(), rereads_.end(), same)) rereads_.push_back(std::move(reread));
}

Tried<void> Applier::store_rereads() {
  if (rereads_.empty()) return {};
  Bulk bulk(connection_, database_, kRereads, session_);
  for (const Reread& reread : rereads_) {
    bulk.upsert(Bson().put("_id", reread_id(pipeline_, reread)), reread_update(reread));
  }
  PENSTOCK_ATTEMPT(bulk.execute("storing rows to be read again"));
  return {};
}

Tried<void> Applier::store_dead_letters(const EncodedGroup& group) {
  return store_letters(connection_, database_, pipeline_, group.dead_letters, session_);
}

}  // namespace penstock::mongo
