#include "projection/summary/stored_summary.h"

#include <utility>

#include "expression/aggregate/index_key.h"
#include "model/byte_io.h"
#include "model/row_codec.h"

namespace penstock {
namespace {

using expression::Keeping;

constexpr std::string_view kMeta = "m";
constexpr char kGroupTag = 'g';

std::string tagged(const std::string& group) { return kGroupTag + group; }

tl::unexpected<Error> damaged(const SummaryDefinition& definition) {
  return fail(ErrorKind::kInternal, "collection " + definition.name + ": a group in the state is damaged",
              "stop penstock and delete the state directory: it is made anew from the tables");
}

}  // namespace

StoredSummary::StoredSummary(SummaryDefinition definition) : definition_(std::move(definition)) {}

// `kMeta` lies after all groups: as long as one of them is there, so is the number of the next one.
std::vector<std::string> StoredSummary::maps() const {
  return {definition_.name + ".contributions", definition_.name + ".groups", definition_.name + ".index"};
}

Status StoredSummary::attach(OrderedMaps& maps, bool anew) {
  const std::vector<std::string> names = this->maps();
  PENSTOCK_ASSIGN(rows_, maps.open_map(names[0]));
  PENSTOCK_ASSIGN(groups_, maps.open_map(names[1]));
  PENSTOCK_ASSIGN(entries_, maps.open_map(names[2]));
  index_.emplace(*entries_);
  marks_.clear();
  cleared_.reset();
  building_ = false;
  ahead_.clear();
  if (!anew) return load_meta();
  for (OrderedMap* map : {rows_.get(), groups_.get(), entries_.get()}) PENSTOCK_TRY(map->erase_prefix({}));
  next_number_ = 1;
  built_ = false;
  return save_meta();
}

Status StoredSummary::load_meta() {
  next_number_ = 1;
  built_ = false;
  PENSTOCK_ASSIGN(const std::optional<std::string_view> bytes, groups_->get(kMeta));
  if (!bytes) return {};
  ByteReader reader(*bytes);
  next_number_ = reader.number();
  built_ = reader.byte() != 0;
  return reader.ok() ? Status() : damaged(definition_);
}

Status StoredSummary::save_meta() {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.number(next_number_);
  writer.byte(built_ ? 1 : 0);
  return groups_->put(kMeta, bytes);
}

Result<std::optional<GroupState>> StoredSummary::load(const std::string& group) {
  PENSTOCK_ASSIGN(const std::optional<std::string_view> bytes, groups_->get(tagged(group)));
  if (!bytes) return std::optional<GroupState>();
  std::optional<GroupState> read = decode_group(definition_, *bytes);
  if (!read) return damaged(definition_);
  return read;
}

Status StoredSummary::store(const std::string& name, const GroupState& group) {
  if (group.rows > 0) return groups_->put(tagged(name), encode(group));
  PENSTOCK_TRY(groups_->erase(tagged(name)));
  return {};
}

Status StoredSummary::change(std::string_view key, const expression::Row* row, const Cause& cause) {
  last_cause_ = cause;
  Arena arena;
  std::optional<Contribution> after;
  Status parked;
  if (row != nullptr) {
    Result<Contribution> made = contribute(definition_, *row, arena);
    if (made) {
      after = std::move(*made);
    } else if (made.error().kind == ErrorKind::kBadValue) {
      parked = fail(std::move(made).error());
    } else {
      return fail(std::move(made).error());
    }
  }
  PENSTOCK_ASSIGN(const std::optional<std::string_view> stored, rows_->get(key));
  if (!stored && !after) return parked;
  const std::string encoded = after ? encode(definition_, *after) : std::string();
  if (stored && after && *stored == encoded) return parked;
  std::optional<Contribution> before;
  if (stored) {
    PENSTOCK_ASSIGN(before, decode_contribution(definition_, arena.copy(*stored), arena));
  }
  PENSTOCK_TRY(replace(key, before ? &*before : nullptr, after ? &*after : nullptr, cause));
  if (after) {
    PENSTOCK_TRY(rows_->put(key, encoded));
  } else {
    PENSTOCK_TRY(rows_->erase(key));
  }
  return parked;
}

Status StoredSummary::replace(std::string_view key, const Contribution* before, const Contribution* after,
                              const Cause& cause) {
  if (before != nullptr && after != nullptr && before->group == after->group)
    return move_group(before->group, key, before, after, cause);
  if (before != nullptr) PENSTOCK_TRY(move_group(before->group, key, before, nullptr, cause));
  if (after != nullptr) PENSTOCK_TRY(move_group(after->group, key, nullptr, after, cause));
  return {};
}

Status StoredSummary::move_group(const std::string& name, std::string_view key, const Contribution* before,
                                 const Contribution* after, const Cause& cause) {
  PENSTOCK_ASSIGN(std::optional<GroupState> group, load(name));
  const bool had_document = group.has_value();
  if (!group) {
    if (before != nullptr) return damaged(definition_);
    std::string keys;
    encode_row(keys, 0, after->keys.data(), after->keys.size());
    group = new_group(definition_, next_number_++, std::move(keys));
    PENSTOCK_TRY(save_meta());
  }
  if (before != nullptr) PENSTOCK_TRY(apply(*group, *before, key, -1));
  if (after != nullptr) PENSTOCK_TRY(apply(*group, *after, key, 1));
  group->commit_micros = cause.commit_micros;
  mark(name, *group, had_document, cause);
  return store(name, *group);
}

Status StoredSummary::apply(GroupState& group, const Contribution& contribution, std::string_view key,
                            int by) {
  group.rows += by;
  for (std::size_t i = 0; i < definition_.calls.size(); ++i) {
    const Contribution::Part& part = contribution.parts[i];
    if (!part.counts) continue;
    const IndexSlot slot{group.number, i, &definition_.calls[i].shape};
    expression::Tally* tally = group.tallies[i].get();
    switch (expression::keeping(*slot.shape)) {
      case Keeping::kTally:
        PENSTOCK_TRY(by > 0 ? tally->add(part.argument) : tally->subtract(part.argument));
        break;
      case Keeping::kRows:
        PENSTOCK_TRY(by > 0 ? index_->put_row(slot, part, key) : index_->erase_row(slot, part, key));
        break;
      case Keeping::kDistinctTally:
      case Keeping::kDistinctValues:
        PENSTOCK_TRY(index_->move_value(slot, part, by, tally));
        break;
    }
  }
  return {};
}

void StoredSummary::mark(const std::string& name, const GroupState& group, bool had_document,
                         const Cause& cause) {
  if (!built_) return;
  const auto [entry, added] = marks_.try_emplace(name);
  if (added) entry->second.had_document = had_document;
  entry->second.keys = group.keys;
  entry->second.cause = cause;
}

Status StoredSummary::clear(const Cause& cause) {
  last_cause_ = cause;
  for (OrderedMap* map : {rows_.get(), groups_.get(), entries_.get()}) PENSTOCK_TRY(map->erase_prefix({}));
  marks_.clear();
  ahead_.clear();
  if (built_) cleared_ = cause;
  return save_meta();
}

}  // namespace penstock
