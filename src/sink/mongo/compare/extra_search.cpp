#include "sink/mongo/compare/extra_search.h"

#include <bson/bson.h>

#include <utility>
#include <vector>

#include "sink/mongo/encode/document_encoder.h"

namespace penstock::mongo {
namespace {

constexpr std::int64_t kPage = 50000;

struct Candidate {
  Hash128 id;
  Difference difference;
};

std::string only_id(const bson_t& document) {
  Bson id;
  id.put_copy("_id", &document, "_id");
  return id.bytes();
}

}  // namespace

ExtraSearch::ExtraSearch(const std::string& database, const DocumentShape& shape, ProducedIds& ids,
                         DifferenceList& differences, std::size_t ids_in_memory)
    : database_(database),
      shape_(shape),
      ids_(ids),
      differences_(differences),
      parts_(ids.parts(ids_in_memory)) {}

Tried<void> ExtraSearch::load() {
  Status loaded = ids_.load(part_, parts_);
  if (!loaded) {
    Failure failure;
    failure.error = std::move(loaded).error();
    return tl::unexpected<Failure>(std::move(failure));
  }
  loaded_ = true;
  after_.clear();
  return {};
}

Tried<void> ExtraSearch::run(SnapshotSession& session, Lsn since) {
  while (part_ < parts_) {
    if (!loaded_) PENSTOCK_ATTEMPT(load());
    PENSTOCK_ATTEMPT_ASSIGN(const bool more, page(session, since));
    if (more) continue;
    produced_ += ids_.count_of_part();
    loaded_ = false;
    ++part_;
  }
  return {};
}

// Nothing is noted before the whole page was read. False: it was the last one.
Tried<bool> ExtraSearch::page(SnapshotSession& session, Lsn since) {
  Find find;
  find.projection.put_int("_id", 1);
  const std::string_view change = metadata_name(shape_, shape_.change_field);
  if (shape_.soft_deletes && !needs_set_field(change)) find.projection.put_int(change, 1);
  if (shape_.soft_deletes && needs_set_field(change)) find.projection = Bson();
  find.sort.put_int("_id", 1);
  find.hint.put_int("_id", 1);
  find.limit = kPage;
  if (!after_.empty()) {
    // A bound on the index, not a comparison: `$gt` would stop at the end of the bound's type.
    find.min = Bson::copy(reinterpret_cast<const std::uint8_t*>(after_.data()), after_.size());
    ++find.limit;
  }
  std::vector<Candidate> extras;
  std::string last;
  std::int64_t seen = 0;
  const auto look = [&](const bson_t& document) {
    ++seen;
    if (seen == 1 && !after_.empty() && only_id(document) == after_) return;
    if (seen == find.limit) last = only_id(document);
    const Hash128 id = hasher_.of(key_of_id(document));
    if (!ids_.in_part(id) || ids_.contains(id) || is_marked(shape_, document)) return;
    extras.push_back({id, difference_of(shape_, document, DifferenceKind::kExtra, since)});
  };
  PENSTOCK_ATTEMPT(
      session.find(database_, shape_.collection, find, look, "reading the ids of " + shape_.collection));
  for (Candidate& extra : extras) differences_.add(extra.id, std::move(extra.difference));
  read_ += static_cast<std::uint64_t>(seen);
  if (seen < find.limit) return false;
  after_ = std::move(last);
  return true;
}

}  // namespace penstock::mongo
