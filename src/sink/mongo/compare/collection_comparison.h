// One collection: the documents as they must be against those that are there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/document_write.h"
#include "sink/mongo/compare/comparison_result.h"
#include "sink/mongo/compare/difference_list.h"
#include "sink/mongo/compare/digest.h"
#include "sink/mongo/compare/extra_search.h"
#include "sink/mongo/compare/produced_ids.h"
#include "sink/mongo/compare/snapshot_session.h"
#include "sink/mongo/encode/document_encoder.h"

namespace penstock::mongo {

struct ComparisonSettings {
  std::string database;
  std::string folder;         // for what does not fit into memory
  bool dead_letters = false;  // rows that make no document are left out instead of being an error
  double sample = 1;          // part of the documents that is looked up
  std::size_t kept = 100000;  // differences to remember
  std::size_t ids_in_memory = 4000000;
};

// One thread at a time. Documents are taken, gathered and looked up in batches.
class CollectionComparison {
 public:
  // `shape`: what is known of documents that no row makes: `_id`, metadata, soft deletes.
  static Result<std::unique_ptr<CollectionComparison>> make(const ComparisonSettings& settings,
                                                            DocumentShape shape);

  // A document as it must be (kInsert, kReplace), or must not be (the others). Copies what it needs.
  Status take(const DocumentWrite& write);
  // A row that makes no document.
  Status reject(const RejectedDocument& rejected);
  bool batch_is_full() const;
  // Looks the gathered ones up. A failure leaves them gathered.
  Tried<void> compare_batch(SnapshotSession& session, Lsn position);
  // After the last document, with nothing gathered: documents that should not be there. After a failure call
  // it again; it goes on where it was.
  Tried<void> find_extras(SnapshotSession& session, Lsn position);

  // From now on documents are those of another moment: one that was taken before may be taken again.
  void move();
  bool any_difference() const { return !differences_.empty(); }
  CollectionResult result() const;
  std::vector<Difference> differences() const { return differences_.in_order(); }
  std::uint64_t looked_up() const { return compared_; }
  std::uint64_t ids_read() const { return search_ ? search_->read() : 0; }

 private:
  struct Expected {
    EncodedId id;
    Hash128 hash;
    std::string document;  // empty: must not be there
    const DocumentShape* shape = nullptr;
    bool seen = false;
    bool marked = false;
    Hash128 digest;
    Hash128 found_digest;
    std::unique_ptr<Difference> difference;
  };

  CollectionComparison(const ComparisonSettings& settings, DocumentShape shape, ProducedIds ids);
  Status take_document(const DocumentWrite& write, Expected& expected);
  Status note_id(const Hash128& id, bool present);
  void clear();
  void look_at(Expected& expected, const _bson_t& found);
  void settle(Expected& expected);
  Hash128 digest_of(const _bson_t& document, const IgnoredFields& ignored);
  const IgnoredFields& ignored_of(const DocumentShape& shape);
  std::unique_ptr<Difference> difference(const Expected& expected, DifferenceKind kind) const;
  Tried<bool> extras_possible(SnapshotSession& session);

  const ComparisonSettings& settings_;
  const DocumentShape shape_;
  Hasher hasher_;
  ProducedIds ids_;
  DifferenceList differences_;

  std::vector<Expected> batch_;
  std::size_t batch_bytes_ = 0;
  Bson document_;
  std::string scratch_;
  const DocumentShape* ignored_shape_ = nullptr;
  IgnoredFields ignored_;
  EncodeCounts counts_;
  Lsn position_;

  bool moved_ = false;  // not all documents are of one moment
  std::uint64_t compared_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t present_ = 0;  // looked up and found, without those marked as deleted
  std::uint64_t stored_ = 0;
  Hash128 expected_digest_;
  Hash128 found_digest_;

  // find_extras()
  bool counted_ = false;
  std::unique_ptr<ExtraSearch> search_;  // none: counting was enough
};

}  // namespace penstock::mongo
