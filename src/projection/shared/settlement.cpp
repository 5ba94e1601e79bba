#include "projection/shared/settlement.h"

#include <algorithm>
#include <limits>
#include <set>

#include "model/stored_size.h"
#include "projection/view/document_writer.h"

namespace penstock {
namespace {

constexpr std::size_t kMostPortion = 1000;
constexpr std::size_t kPortions = 4;      // of a step, no more: marks beyond them would be read again
constexpr std::size_t kClearPortion = 4;  // entries of a summary that go with a step, for each of its rows

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

Result<Settlement::Step> Settlement::step(const std::string& lane, const StepLimits& limits,
                                          WriteGroup& group) {
  Work work(group, limits);
  auto done = try_step(lane, work);
  if (!done) maps_.forget();
  return done;
}

Result<Settlement::Step> Settlement::try_step(const std::string& lane, Work& work) {
  PENSTOCK_TRY(scratch_->empty());
  PENSTOCK_ASSIGN(const std::vector<KeptMark> marks, next_marks(lane, at_once(work.limits)));
  work.group.transactions = 1;
  if (!marks.empty() && marks.front().kind == KeptMark::Kind::kClear) {
    PENSTOCK_ASSIGN(const bool more, clear_some(marks.front(), work));
    if (more) return work.done;
  }
  for (const KeptMark& mark : marks) {
    const bool enough =
        work.rows >= work.limits.rows || scratch_->bytes() >= work.limits.bytes * StepLimits::kRoom;
    if (enough && &mark != &marks.front()) break;
    PENSTOCK_TRY(take(mark, work));
  }
  for (auto& [collection, roots] : work.roots) PENSTOCK_TRY(make(*collection, roots, work));
  for (const auto& [collection, pages] : work.pages)
    for (const Page& page : pages) move_on(page, work.roots[collection], work);
  work.group.rows = work.done.documents;
  return work.done;
}

// A find does not read all of a lane at one moment: of a clear and the marks after it, committed meanwhile,
// it may see the marks alone. What is made of those rows first, the clear would take away for good.
Result<std::vector<KeptMark>> Settlement::next_marks(const std::string& lane, std::size_t most) {
  PENSTOCK_ASSIGN(std::vector<KeptMark> marks, kept_.marks(lane, most));
  if (marks.empty() || !is_lane_of_summary(lane) || marks.front().kind == KeptMark::Kind::kClear)
    return marks;
  PENSTOCK_ASSIGN(std::vector<KeptMark> first, kept_.marks(lane, 1));
  const bool clears = !first.empty() && first.front().kind == KeptMark::Kind::kClear;
  return clears ? first : marks;
}

// A large summary is emptied by many steps, and the last of them removes the mark: until then nobody works on
// another mark of the lane, since a clear comes before all others. True: there is more to empty.
Result<bool> Settlement::clear_some(const KeptMark& mark, Work& work) {
  const Collection* collection = scratch_->collections().find(mark.collection);
  if (collection == nullptr || !collection->tree->summary) return false;
  PENSTOCK_ASSIGN(const bool more, maps_.erase_some(collection->tree->summary->maps(),
                                                    kClearPortion * work.limits.rows, writes_, work.group));
  if (more) work.done.marks = 1;
  return more;
}

std::size_t Settlement::at_once(const StepLimits& limits) const {
  return std::min(limits.rows, kPortions * portion_);
}

// `bytes`: of documents that are not counted yet.
bool Settlement::is_full(const Work& work, std::size_t bytes) const {
  const std::size_t made = work.group.arena.bytes() - work.arena_at_start;
  return work.bytes + bytes >= work.limits.bytes || made >= work.limits.bytes * StepLimits::kRoom ||
         maps_.changed_bytes() >= work.limits.bytes;
}

// So many rows took so many bytes of memory: how many may be at hand at once from now on.
void Settlement::learn(const StepLimits& limits, std::size_t rows, std::size_t bytes) {
  const std::size_t room = std::max<std::size_t>(limits.bytes * StepLimits::kRoom, 1);
  if (bytes > room) {
    portion_ = std::max<std::size_t>(rows / (bytes / room + 1), 1);
  } else if (bytes <= room / 4 && rows >= portion_) {
    portion_ = std::min(2 * portion_, kMostPortion);
  }
}

Settlement::Root& Settlement::mark_root(Roots& roots, const std::string& key, const Mark& mark) {
  const auto [place, first] = roots.places.try_emplace(key, roots.order.size());
  if (first) {
    roots.order.push_back({key, mark, {}});
  } else {
    add(roots.order[place->second].mark, mark);
  }
  return roots.order[place->second];
}

Status Settlement::take(const KeptMark& mark, Work& work) {
  Collection* collection = scratch_->collections().find(mark.collection);
  if (collection == nullptr) {  // of a definition that is no more
    writes_.unmark(work.group, mark.id);
    ++work.done.marks;
    return {};
  }
  switch (mark.kind) {
    case KeptMark::Kind::kRoot:
      mark_root(work.roots[collection], mark.start, Mark::from(mark.mark)).marks.push_back(mark.id);
      return {};
    case KeptMark::Kind::kWalk:
      ++work.done.marks;
      return walk(*collection, mark, work);
    case KeptMark::Kind::kWhole:
      return page(*collection, mark, work);
    case KeptMark::Kind::kClear:
      writes_.unmark(work.group, mark.id);
      ++work.done.marks;
      PENSTOCK_TRY(open_summary(*collection, work));
      PENSTOCK_TRY(collection->tree->summary->clear(Mark::from(mark.mark).cause));
      work.roots[collection];
      return {};
  }
  return {};
}

// `reached`: the last row that was seen to; null: there are no more.
void Settlement::move_on(const KeptMark& mark, const std::string* reached, Work& work) {
  if (reached == nullptr) {
    writes_.unmark(work.group, mark.id);
    return;
  }
  KeptMark moved = mark;
  moved.after = *reached;
  writes_.move_mark(work.group, moved);
}

// As far as its documents were made.
void Settlement::move_on(const Page& page, const Roots& roots, Work& work) {
  std::size_t made = 0;
  while (made < page.keys.size() && roots.places.at(page.keys[made]) < roots.made) ++made;
  const bool all = made == page.keys.size();
  if (made == 0 && !(all && page.last)) return;
  ++work.done.marks;
  move_on(page.mark, all && page.last ? nullptr : &page.keys[made - 1], work);
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
  const std::size_t most = std::min(work.limits.rows, last ? kMostPortion : portion_);
  std::vector<KeptRow> rows;
  if (hop.target().is_key) {
    PENSTOCK_ASSIGN(rows, kept_.rows(hop.in->name(), {mark.start}));
  } else {
    PENSTOCK_ASSIGN(rows,
                    kept_.page({hop.in->name(), hop.target().index, mark.start, 0, mark.after, most, last}));
  }
  work.rows += rows.size();
  const std::size_t before = scratch_->bytes();
  if (!last) PENSTOCK_TRY(scratch_->hold(*hop.in, rows));
  if (!last && !hop.target().is_key) learn(work.limits, rows.size(), scratch_->bytes() - before);
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
  mark_above(collection, mark, above, work);
  const bool more = !hop.target().is_key && rows.size() == most;
  move_on(mark, more ? &rows.back().key : nullptr, work);
  return {};
}

void Settlement::mark_above(Collection& collection, const KeptMark& mark, const std::set<std::string>& values,
                            Work& work) {
  const auto& hops = collection.tree->appearances[mark.number].hops;
  const bool last = mark.depth + 1 == hops.size();
  // A hop up by a key ends at the root row of that key.
  const bool root_next = !last && mark.depth + 2 == hops.size() && hops.back().target().is_key;
  for (const std::string& value : values) {
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
}

Status Settlement::page(Collection& collection, const KeptMark& mark, Work& work) {
  const std::size_t most = at_once(work.limits);
  PENSTOCK_ASSIGN(const auto rows, kept_.page({collection.tree->root.mirror->name(),
                                               std::nullopt,
                                               {},
                                               static_cast<std::uint32_t>(mark.number),
                                               mark.after,
                                               most,
                                               true}));
  work.rows += rows.size();
  auto& roots = work.roots[&collection];
  Page& page = work.pages[&collection].emplace_back();
  page.mark = mark;
  page.last = rows.size() < most;
  const Mark whole = Mark::from(mark.mark);
  for (const KeptRow& row : rows) {
    mark_root(roots, row.key, whole);
    page.keys.push_back(row.key);
  }
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

// As many as the step holds, a portion at a time.
Status Settlement::make(Collection& collection, Roots& roots, Work& work) {
  if (collection.tree->summary) PENSTOCK_TRY(open_summary(collection, work));
  const auto enough = [&] { return work.done.documents > 0 && is_full(work, 0); };
  while (roots.made < roots.order.size() && !enough()) PENSTOCK_TRY(make_some(collection, roots, work));
  if (!collection.tree->summary) return {};
  PENSTOCK_TRY(write_summary(collection, work));
  maps_.flush(writes_, work.group);
  return {};
}

Status Settlement::make_some(Collection& collection, Roots& roots, Work& work) {
  const std::size_t count = std::min({portion_, work.limits.rows, roots.order.size() - roots.made});
  const std::size_t end = roots.made + count;
  std::vector<std::string> keys;
  for (std::size_t i = roots.made; i < end; ++i) keys.push_back(roots.order[i].key);
  PENSTOCK_TRY(scratch_->empty());
  const std::size_t room =
      count > 1 ? work.limits.bytes * StepLimits::kRoom : std::numeric_limits<std::size_t>::max();
  PENSTOCK_ASSIGN(const bool whole, RowFetch(*scratch_).below(*collection.tree, keys, room));
  if (!whole) {  // less of them is tried next
    portion_ = std::max<std::size_t>(count / 2, 1);
    return {};
  }
  if (collection.tree->summary) PENSTOCK_TRY(maps_.prefetch(collection.name() + ".contributions", keys));
  const bool is_first = work.done.documents == 0;
  const std::size_t arena_before = work.group.arena.bytes();
  DocumentWriter writer(work.group);
  for (; roots.made < end; ++roots.made) {
    const bool any = work.done.documents + writer.documents() > 0;
    if (any && is_full(work, writer.document_bytes())) break;
    const Root& root = roots.order[roots.made];
    PENSTOCK_TRY(writer.make(collection, root.key, root.mark));
    for (const std::string& id : root.marks) writes_.unmark(work.group, id);
    work.done.marks += root.marks.size();
  }
  writer.finish();
  work.done.documents += writer.documents();
  work.bytes += writer.document_bytes();
  if (collection.tree->summary) PENSTOCK_TRY(write_summary(collection, work));
  const std::size_t made = work.group.arena.bytes() - arena_before;
  learn(work.limits, writer.documents(), std::max({made, scratch_->bytes(), writer.document_bytes()}));
  // Not all of them fit into a step: those beyond were read for nothing.
  if (is_first && roots.made < end)
    portion_ = std::min(portion_, std::max<std::size_t>(writer.documents(), 1));
  return {};
}

// Of the groups that changed since the last call.
Status Settlement::write_summary(Collection& collection, Work& work) {
  const std::size_t before = work.group.writes.size();
  SummaryWriter written{work.group, collection.shape(), false};
  PENSTOCK_TRY(collection.tree->summary->write(written));
  for (std::size_t i = before; i < work.group.writes.size(); ++i)
    work.bytes += stored_size(work.group.writes[i]);
  return {};
}

}  // namespace penstock
