// Carries out the document writes of a staged group, inside a transaction or (standalone) without.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "model/checkpoint.h"
#include "sink/mongo/apply/bulk.h"
#include "sink/mongo/client.h"
#include "sink/mongo/stage/staged_group.h"

namespace penstock::mongo {

// How inserts are made; each step knows less well that the documents are new.
enum class InsertMode {
  kOptimistic,  // insert; an existing `_id` ends the transaction
  kLookUp,      // ask which exist: insert the others, replace those
  kUpsert,      // replace, inserting what is missing: works whatever there is
};

// One attempt. A failure leaves the transaction to be aborted by the caller.
class Applier {
 public:
  // `session`: options that put each command into the transaction; null: none.
  Applier(Connection& connection, const std::string& database, const std::string& pipeline,
          const Bson* session, InsertMode mode)
      : connection_(connection), database_(database), pipeline_(pipeline), session_(session), mode_(mode) {}

  // Rows that the group itself wants read again; before apply().
  void ask_for(const std::vector<Reread>& rows);
  Tried<void> apply(EncodedGroup& group);

  // Rows whose documents were missing; stored by apply().
  std::vector<Reread>& rereads() { return rereads_; }
  std::size_t existing() const { return existing_; }  // kLookUp: inserts that met a document

  // After a failure of kind kDocument: the write it is about; null members when it was another one.
  struct Culprit {
    CollectionWrites* writes = nullptr;
    Run* run = nullptr;
    Item* item = nullptr;
  };
  const Culprit& culprit() const { return culprit_; }

 private:
  struct Carried {  // a document put together from a carry and its old document
    Item* item = nullptr;
    Bson document;
  };

  Tried<void> apply_segment(EncodedGroup& group, StagedSegment& segment);
  Tried<void> read_carries(EncodedGroup& group, CollectionWrites& writes, std::vector<Carried>& carried);
  Tried<void> remove(CollectionWrites& writes, Run& run);
  Tried<void> insert(CollectionWrites& writes);
  Tried<void> insert_after_look_up(CollectionWrites& writes);
  Tried<void> replace(CollectionWrites& writes, Run& run);
  Tried<void> insert_items(CollectionWrites& writes, Run& run, const std::vector<Item*>& items);
  Tried<void> replace_items(CollectionWrites& writes, Run& run, const std::vector<Item*>& items);
  Tried<void> remove_items(CollectionWrites& writes, Run& run, const std::vector<Item*>& items);
  Tried<void> write_carried(CollectionWrites& writes, std::vector<Carried>& carried);
  Tried<void> patch(EncodedGroup& group, CollectionWrites& writes);
  Tried<void> soft_delete(CollectionWrites& writes);
  Tried<void> find_missing(EncodedGroup& group, CollectionWrites& writes);
  Tried<std::unordered_set<std::string>> existing_ids(const CollectionWrites& writes, const Run& run);
  Tried<void> store_rereads();
  Tried<void> store_dead_letters(const EncodedGroup& group);
  Tried<BulkCounts> execute(Bulk& bulk, CollectionWrites& writes, Run& run, const std::vector<Item*>& items,
                            const char* verb);
  void ask_again(const EncodedGroup& group, const DocumentShape& shape, const RowKey& row);

  Connection& connection_;
  const std::string& database_;
  const std::string& pipeline_;
  const Bson* session_;
  InsertMode mode_;
  std::vector<Reread> rereads_;
  std::size_t existing_ = 0;
  Culprit culprit_;
};

}  // namespace penstock::mongo
