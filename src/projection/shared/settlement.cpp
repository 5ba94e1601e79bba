#include "projection/shared/settlement.h"

#include <algorithm>
#include <set>

#include "projection/view/document_writer.h"

namespace penstock {
namespace {

constexpr std::size_t kMarks = 2000;  // taken at once
constexpr std::size_t kPage = 1000;   // rows of a walk or of a bucket

// Several marks of one root row: what they say of its document does not add up to what is there.
void add(Mark& into, const Mark& other) {
  const bool newer = into.cause.position < other.cause.position;
  if (newer) into.cause = other.cause;
  into.maybe_shown = true;
  into.inserted_at = std::max(into.inserted_at, other.inserted_at);
  into.stale.insert(into.stale.end(), other.stale.begin(), other.stale.end());
}

}  // namespace

Result<std::unique_ptr<Settlement>> Settlement::make(std::vector<CollectionSpec> models,
                                                     const std::vector<TableSchema>& tables,
                                                     const SharedOptions& options, KeptState& kept) {
  std::unique_ptr<Settlement> settlement(new Settlement(options, kept));
  PENSTOCK_ASSIGN(settlement->scratch_, Scratch::make(std::move(models), tables, options, kept));
  return settlement;
}

Result<Settlement::Step> Settlement::step(const std::string& lane, WriteGroup& group) {
  auto done = try_step(lane, group);
  if (!done) maps_.forget();
  return done;
}

Result<Settlement::Step> Settlement::try_step(const std::string& lane, WriteGroup& group) {
  PENSTOCK_TRY(scratch_->empty());
  PENSTOCK_ASSIGN(const std::vector<KeptMark> marks, kept_.marks(lane, kMarks));
  Work work(group);
  for (const KeptMark& mark : marks) {
    if (work.rows >= kMarks) break;
    PENSTOCK_TRY(take(mark, work));
  }
  for (auto& [collection, roots] : work.roots) PENSTOCK_TRY(make(*collection, roots, work));
  group.rows = work.done.documents;
  group.transactions = 1;
  return work.done;
}

Settlement::Root& Settlement::mark_root(Roots& roots, const std::string& key, const Mark& mark) {
  const auto [root, first] = roots.try_emplace(key);
  if (first) {
    root->second.mark = mark;
  } else {
    add(root->second.mark, mark);
  }
  return root->second;
}

Status Settlement::take(const KeptMark& mark, Work& work) {
  ++work.done.marks;
  Collection* collection = scratch_->collections().find(mark.collection);
  if (collection == nullptr) {  // of a definition that is no more
    writes_.unmark(work.group, mark.id);
    return {};
  }
  switch (mark.kind) {
    case KeptMark::Kind::kRoot: {
      mark_root(work.roots[collection], mark.start, Mark::from(mark.mark)).marks.push_back(mark.id);
      return {};
    }
    case KeptMark::Kind::kWalk:
      return walk(*collection, mark, work);
    case KeptMark::Kind::kWhole:
      return page(*collection, mark, work);
    case KeptMark::Kind::kClear:
      writes_.unmark(work.group, mark.id);
      PENSTOCK_TRY(open_summary(*collection, work));
      PENSTOCK_TRY(collection->tree->summary->clear(Mark::from(mark.mark).cause));
      work.roots[collection];
      return {};
  }
  return {};
}

void Settlement::move_on(const KeptMark& mark, const std::vector<KeptRow>& rows, Work& work) {
  if (rows.size() < kPage) {
    writes_.unmark(work.group, mark.id);
    return;
  }
  KeptMark moved = mark;
  moved.after = rows.back().key;
  writes_.move_mark(work.group, moved);
}

// One hop up from a part of the rows there; what they lead to is marked in its turn.
Status Settlement::walk(Collection& collection, const KeptMark& mark, Work& work) {
  const auto& appearances = collection.tree->appearances;
  const bool known = mark.number < appearances.size() && mark.depth < appearances[mark.number].hops.size();
  if (!known) {
    writes_.unmark(work.group, mark.id);
    return {};
  }
  const auto& hops = appearances[mark.number].hops;
  const Lookup& hop = hops[mark.depth];
  const bool last = mark.depth + 1 == hops.size();
  std::vector<KeptRow> rows;
  if (hop.target().is_key) {
    PENSTOCK_ASSIGN(rows, kept_.rows(hop.in->name(), {mark.start}));
  } else {
    PENSTOCK_ASSIGN(rows, kept_.page({hop.in->name(), hop.target().index, mark.start, 0, mark.after, kPage}));
  }
  work.rows += rows.size();
  PENSTOCK_TRY(scratch_->hold(*hop.in, rows));
  std::set<std::string> above;
  Arena arena;
  for (const KeptRow& row : rows) {
    if (last) {
      above.insert(row.key);
      continue;
    }
    std::string value;
    PENSTOCK_ASSIGN(const MirrorRow found, hop.in->find(row.key, arena));
    if (found.values != nullptr && hops[mark.depth + 1].value_of(found.values, value)) above.insert(value);
  }
  // A hop up by a key ends at the root row of that key.
  const bool root_next = !last && mark.depth + 2 == hops.size() && hops.back().target().is_key;
  for (const std::string& value : above) {
    KeptMark next = mark;
    next.after.reset();
    next.start = value;
    if (last || root_next) {
      next.kind = KeptMark::Kind::kRoot;
      next.number = next.depth = 0;
      next.lane = lane_of(collection, bucket_of(value));
    } else {
      ++next.depth;
      next.lane = lane_of_bucket(bucket_of(value));
    }
    writes_.mark(work.group, next);
  }
  move_on(mark, rows, work);
  return {};
}

Status Settlement::page(Collection& collection, const KeptMark& mark, Work& work) {
  Mirror& mirror = *collection.tree->root.mirror;
  PENSTOCK_ASSIGN(
      const auto rows,
      kept_.page(
          {mirror.name(), std::nullopt, {}, static_cast<std::uint32_t>(mark.number), mark.after, kPage}));
  work.rows += rows.size();
  PENSTOCK_TRY(scratch_->hold(mirror, rows));
  auto& roots = work.roots[&collection];
  const Mark whole = Mark::from(mark.mark);
  for (const KeptRow& row : rows) mark_root(roots, row.key, whole);
  move_on(mark, rows, work);
  return {};
}

// Where somebody else has written the summary's groups since, they are read anew.
Status Settlement::open_summary(Collection& collection, Work& work) {
  if (!work.opened.insert(&collection).second) return {};
  Summary& summary = *collection.tree->summary;
  PENSTOCK_TRY(summary.attach(maps_, false));
  std::string cursor;
  WriteGroup unused;
  SummaryWriter nowhere{unused, collection.shape(), false};
  PENSTOCK_ASSIGN(const auto groups, maps_.open_map(collection.name() + ".groups"));
  PENSTOCK_ASSIGN(const auto begun, groups->get("m"));
  if (begun) return {};
  return summary.write_all(cursor, 1, nowhere).map([](bool) {});
}

Status Settlement::make(Collection& collection, Roots& roots, Work& work) {
  Summary* summary = collection.tree->summary.get();
  std::vector<std::string> keys;
  for (const auto& [key, root] : roots) keys.push_back(key);
  if (summary != nullptr) {
    PENSTOCK_TRY(open_summary(collection, work));
    PENSTOCK_TRY(maps_.prefetch(collection.name() + ".contributions", keys));
  }
  PENSTOCK_TRY(RowFetch(*scratch_).below(*collection.tree, keys));
  DocumentWriter writer(work.group);
  for (const auto& [key, root] : roots) {
    PENSTOCK_TRY(writer.make(collection, key, root.mark));
    for (const std::string& id : root.marks) writes_.unmark(work.group, id);
  }
  work.done.documents += writer.documents();
  writer.finish();
  if (summary == nullptr) return {};
  SummaryWriter written{work.group, collection.shape(), false};
  PENSTOCK_TRY(summary->write(written));
  maps_.flush(writes_, work.group);
  return {};
}

}  // namespace penstock
