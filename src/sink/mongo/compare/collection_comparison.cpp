#include "sink/mongo/compare/collection_comparison.h"

#include <bson/bson.h>

#include <algorithm>

#include "sink/mongo/compare/stored_document.h"

namespace penstock::mongo {
namespace {

constexpr std::size_t kBatchDocuments = 1000;
constexpr std::size_t kBatchBytes = 8U << 20;
constexpr std::size_t kFieldsShown = 8;

bool view_of(const std::string& bytes, bson_t& view) {
  return bson_init_static(&view, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

bool is_rejection(ErrorKind kind) {
  return kind == ErrorKind::kBadValue || kind == ErrorKind::kRejectedDocument;
}

}  // namespace

Result<std::unique_ptr<CollectionComparison>> CollectionComparison::make(const ComparisonSettings& settings,
                                                                         DocumentShape shape) {
  PENSTOCK_ASSIGN(ProducedIds ids, ProducedIds::make(settings.folder));
  return std::unique_ptr<CollectionComparison>(
      new CollectionComparison(settings, std::move(shape), std::move(ids)));
}

CollectionComparison::CollectionComparison(const ComparisonSettings& settings, DocumentShape shape,
                                           ProducedIds ids)
    : settings_(settings), shape_(std::move(shape)), ids_(std::move(ids)), differences_(settings.kept) {}

Status CollectionComparison::take(const DocumentWrite& write) {
  if (write.kind == WriteKind::kClear) {
    clear();
    return {};
  }
  Expected expected;
  auto id = encode_id(*write.shape, write.id, counts_);
  if (!id && settings_.dead_letters && is_rejection(id.error().kind)) {
    ++rejected_;
    return {};
  }
  if (!id) return fail(std::move(id).error());
  expected.id = std::move(*id);
  expected.hash = hasher_.of(expected.id.key);
  expected.shape = write.shape;
  const bool present = write.kind == WriteKind::kInsert || write.kind == WriteKind::kReplace;
  PENSTOCK_TRY(note_id(expected.hash, present));
  if (moved_) differences_.forget(expected.hash);
  const bool sampled = static_cast<double>(expected.hash.high) * 0x1p-64 < settings_.sample;
  if (!sampled) return {};
  if (present) {
    const Status taken = take_document(write, expected);
    if (!taken && settings_.dead_letters && is_rejection(taken.error().kind)) {
      ++rejected_;
      return {};
    }
    PENSTOCK_TRY(taken);
  }
  batch_bytes_ += expected.document.size() + expected.id.bson.size();
  batch_.push_back(std::move(expected));
  return {};
}

// What stands under its `_id` is from before the row was like this.
Status CollectionComparison::reject(const RejectedDocument& rejected) {
  if (!settings_.dead_letters) return fail(rejected.error);
  ++rejected_;
  if (rejected.write.id == nullptr) return {};
  const auto id = encode_id(*rejected.write.shape, rejected.write.id, counts_);
  if (!id) return {};
  const Hash128 hash = hasher_.of(id->key);
  if (moved_) differences_.forget(hash);
  return note_id(hash, true);
}

Status CollectionComparison::take_document(const DocumentWrite& write, Expected& expected) {
  bson_reinit(document_.get());
  PENSTOCK_TRY(encode_document(*write.shape, expected.id, write.fields, *document_.get(), counts_));
  expected.document = document_.bytes();
  expected.digest = digest_of(*document_.get(), ignored_of(*write.shape));
  return {};
}

Status CollectionComparison::note_id(const Hash128& id, bool present) {
  if (!moved_ && present) return ids_.add(id);
  ids_.set(id, present);
  return {};
}

void CollectionComparison::clear() {
  ids_.clear();
  differences_.clear();
  batch_.clear();
  batch_bytes_ = 0;
}

void CollectionComparison::move() {
  moved_ = true;
  counted_ = false;
}

bool CollectionComparison::batch_is_full() const {
  return batch_.size() >= kBatchDocuments || batch_bytes_ >= kBatchBytes;
}

const IgnoredFields& CollectionComparison::ignored_of(const DocumentShape& shape) {
  if (&shape == ignored_shape_) return ignored_;
  ignored_shape_ = &shape;
  ignored_.clear();
  for (const int field : {shape.change_field, shape.time_field})
    if (field >= 0) ignored_.push_back(metadata_name(shape, field));
  return ignored_;
}

Hash128 CollectionComparison::digest_of(const _bson_t& document, const IgnoredFields& ignored) {
  scratch_.clear();
  append_fields(scratch_, document, ignored);
  return hasher_.of(scratch_);
}

Tried<void> CollectionComparison::compare_batch(SnapshotSession& session, Lsn position) {
  if (batch_.empty()) return {};
  position_ = position;
  std::unordered_map<std::string_view, Expected*> by_key;
  by_key.reserve(batch_.size());
  BsonList ids;
  for (Expected& expected : batch_) {
    expected.seen = false;
    // Once in a batch, unless it was taken again: then the later one counts.
    Expected*& slot = by_key[expected.id.key];
    if (slot != nullptr) slot->shape = nullptr;
    slot = &expected;
    ids.add_first_value(reinterpret_cast<const std::uint8_t*>(expected.id.bson.data()),
                        expected.id.bson.size());
  }
  Find find;
  find.filter.put("_id", Bson().put_array("$in", ids.elements()));
  find.batch = static_cast<std::int64_t>(batch_.size()) + 1;
  PENSTOCK_ATTEMPT(session.find(
      settings_.database, shape_.collection, find,
      [&](const bson_t& found) {
        const auto expected = by_key.find(key_of_id(found));
        if (expected != by_key.end()) look_at(*expected->second, found);
      },
      "reading documents of " + shape_.collection));
  for (Expected& expected : batch_) settle(expected);
  batch_.clear();
  batch_bytes_ = 0;
  return {};
}

std::unique_ptr<Difference> CollectionComparison::difference(const Expected& expected,
                                                             DifferenceKind kind) const {
  bson_t id;
  if (!view_of(expected.id.bson, id)) return nullptr;
  return std::make_unique<Difference>(difference_of(shape_, id, kind, position_));
}

// Nothing is counted before the whole batch was read.
void CollectionComparison::look_at(Expected& expected, const _bson_t& found) {
  const DocumentShape& shape = *expected.shape;
  const bool marked = is_marked(shape, found);
  expected.difference.reset();
  expected.marked = marked;
  expected.seen = !marked || !expected.document.empty();
  if (!expected.seen) return;
  if (expected.document.empty()) {
    if (!keeps_unmarked(shape)) expected.difference = difference(expected, DifferenceKind::kExtra);
    return;
  }
  bson_t wanted;
  if (!view_of(expected.document, wanted)) return;
  const IgnoredFields& ignored = ignored_of(shape);
  expected.found_digest = expected.digest;
  if (!marked && same_bytes(wanted, found, ignored)) return;
  std::vector<FieldDifference> fields = mongo::differences(wanted, found, ignored, kFieldsShown);
  if (marked)
    fields.push_back({std::string(metadata_name(shape, shape.change_field)), "\"updated\"", "\"deleted\""});
  if (fields.empty()) return;  // in another order at the top level
  expected.found_digest = digest_of(found, ignored);
  expected.difference = difference(expected, DifferenceKind::kDiffers);
  if (differences_.wants_fields()) expected.difference->fields = std::move(fields);
}

void CollectionComparison::settle(Expected& expected) {
  if (expected.shape == nullptr) return;
  ++compared_;
  if (!expected.document.empty()) {
    expected_digest_ += expected.digest;
    if (expected.seen) {
      present_ += expected.marked ? 0 : 1;
      found_digest_ += expected.found_digest;
    } else {
      expected.difference = difference(expected, DifferenceKind::kMissing);
    }
  }
  if (expected.difference) differences_.add(expected.hash, std::move(*expected.difference));
}

CollectionResult CollectionComparison::result() const {
  CollectionResult result;
  result.collection = shape_.collection;
  result.expected = search_ && moved_ ? search_->produced() : ids_.count();
  result.stored = stored_;
  result.compared = compared_;
  result.missing = differences_.count(DifferenceKind::kMissing);
  result.extra = differences_.count(DifferenceKind::kExtra);
  result.differing = differences_.count(DifferenceKind::kDiffers);
  result.rejected = rejected_;
  // Of a sample only some of the missing ones were looked up.
  const std::uint64_t wanted = result.stored - std::min(result.stored, result.extra);
  if (settings_.sample < 1 && !moved_ && result.expected > wanted + rejected_)
    result.missing = std::max(result.missing, result.expected - wanted - rejected_);
  if (!moved_) {
    result.expected_digest = to_string(expected_digest_);
    result.found_digest = to_string(found_digest_);
  }
  return result;
}

// Whether there may be documents that no row makes. Counting tells, where all were looked up at one moment.
Tried<bool> CollectionComparison::extras_possible(SnapshotSession& session) {
  const std::string what = "counting " + shape_.collection;
  PENSTOCK_ATTEMPT_ASSIGN(const std::uint64_t all,
                          session.count(settings_.database, shape_.collection, Bson(), what));
  stored_ = all;
  if (keeps_unmarked(shape_)) return false;
  const std::string_view change = metadata_name(shape_, shape_.change_field);
  if (shape_.soft_deletes && needs_set_field(change)) return true;
  if (shape_.soft_deletes) {
    Bson filter;
    filter.put_text(change, kDeletedMark);
    PENSTOCK_ATTEMPT_ASSIGN(const std::uint64_t marked,
                            session.count(settings_.database, shape_.collection, filter, what));
    stored_ = all - std::min(all, marked);
  }
  if (moved_) return true;
  return settings_.sample < 1 ? any_difference() || stored_ != ids_.count() : stored_ != present_;
}

Tried<void> CollectionComparison::find_extras(SnapshotSession& session, Lsn position) {
  position_ = position;
  if (!counted_) {
    PENSTOCK_ATTEMPT_ASSIGN(const bool possible, extras_possible(session));
    counted_ = true;
    if (possible && !search_)
      search_ = std::make_unique<ExtraSearch>(settings_.database, shape_, ids_, differences_,
                                              settings_.ids_in_memory);
  }
  return search_ ? search_->run(session, position) : Tried<void>();
}

}  // namespace penstock::mongo
