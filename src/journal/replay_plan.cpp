#include "journal/replay_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "journal/event_codec.h"
#include "model/civil_time.h"

namespace penstock::journal {
namespace {

constexpr Lsn kEver{std::numeric_limits<std::uint64_t>::max()};

// Whether what stands there belongs to what comes before `until`.
bool comes_before(const Position& position, Lsn until) {
  return position.inside_transaction() ? position.commit_lsn < until : position.through_lsn <= until;
}

class PayloadReader {
 public:
  explicit PayloadReader(const Outline& outline) : outline_(outline) {}
  Result<std::string> read(const OutlinedBlock& block) {
    const OutlinedSegment& segment = outline_.segments[block.segment];
    if (!file_ || number_ != segment.number) {
      file_.reset();
      PENSTOCK_ASSIGN(auto file, SegmentFile::open(segment_path(outline_.folder, segment.number)));
      file_.emplace(std::move(file));
      number_ = segment.number;
    }
    auto payload = file_->payload(block.place);
    if (payload) return std::move(*payload);
    return fail(ErrorKind::kInternal,
                fmt::format("the journal: {} is damaged at byte {}",
                            segment_path(outline_.folder, segment.number), block.place.offset));
  }

 private:
  const Outline& outline_;
  std::optional<SegmentFile> file_;
  std::uint64_t number_ = 0;
};

struct History {
  std::optional<std::size_t> open;  // block where the load under way began
  std::optional<std::size_t> base;  // where the load began since which everything is there
  std::optional<Completeness> since;
  std::map<std::size_t, LoadState> steps;
};

// Goes over the blocks up to `until` and keeps what they say of loads.
class Walk {
 public:
  Walk(const Outline& outline, Lsn until) : outline_(outline), until_(until), payloads_(outline) {}
  // A shape without these columns begins another table under the same name.
  std::map<std::string, std::vector<std::string>> keys;

  Status run() {
    const auto& blocks = outline_.blocks;
    std::size_t index = 0;
    for (std::size_t segment = 0; segment < outline_.segments.size(); ++segment) {
      if (!reaches(segment)) return {};
      enter(segment);
      reached_ = outline_.segments[segment].position.through_lsn;
      for (; index < blocks.size() && blocks[index].segment == segment; ++index) {
        const BlockHeader& header = blocks[index].place.header;
        if (!comes_before(header.position, until_)) return {};
        PENSTOCK_TRY(look_at(index, blocks[index]));
        reached_ = std::max(reached_, header.position.through_lsn);
      }
    }
    return {};
  }

  std::map<std::string, History> tables;
  std::map<std::string, std::shared_ptr<const TableSchema>> schemas;  // the newest of each table

 private:
  // Whether something of the segment comes before the end. What lies in a gap before it is not known.
  bool reaches(std::size_t segment) {
    if (comes_before(outline_.segments[segment].position, until_)) return true;
    if (segment > 0 && !outline_.segments[segment].gap.empty() && until_ > reached_) enter(segment);
    return false;
  }

  void enter(std::size_t segment) {
    if (outline_.segments[segment].gap.empty()) return;
    loads_.all_broken();
    for (auto& [name, history] : tables) history = History();
  }

  Status look_at(std::size_t index, const OutlinedBlock& block) {
    const BlockKind kind = block.place.header.kind;
    if (kind != BlockKind::kShape && kind != BlockKind::kStep && kind != BlockKind::kBroken) return {};
    PENSTOCK_ASSIGN(const std::string payload, payloads_.read(block));
    if (kind == BlockKind::kStep) return step(index, block.place.header, payload);
    if (kind == BlockKind::kBroken) {
      const std::string table(ByteReader(payload).text());
      loads_.broken(table);
      tables[table] = History();
      return {};
    }
    PENSTOCK_ASSIGN(TableSchema schema, decode_schema(payload));
    const std::string table = to_string(schema.table);
    const auto key = keys.find(table);
    if (key != keys.end() && std::any_of(key->second.begin(), key->second.end(),
                                         [&](const auto& column) { return !schema.find(column); })) {
      loads_.broken(table);
      tables[table] = History();
    }
    tables.try_emplace(table);
    schemas[table] = std::make_shared<const TableSchema>(std::move(schema));
    return {};
  }

  Status step(std::size_t index, const BlockHeader& header, const std::string& payload) {
    PENSTOCK_ASSIGN(const StepRecord step, decode_step(payload));
    History& history = tables[step.table.table];
    const TableLoads::Change change = loads_.step(step);
    if (change == TableLoads::Change::kNone) return {};
    if (change == TableLoads::Change::kBegun) {
      history.open = index;
      return {};
    }
    const std::size_t begun = change == TableLoads::Change::kRead && history.open ? *history.open : index;
    history.open.reset();
    if (!history.base) {
      history.base = begun;
      history.since = Completeness{header.position.through_lsn, header.written};
    }
    if (begun != index) history.steps[begun] = LoadState::kLoading;
    history.steps[index] = begun != index ? LoadState::kSweeping : LoadState::kLoaded;
    return {};
  }

  const Outline& outline_;
  const Lsn until_;
  Lsn reached_;
  PayloadReader payloads_;
  TableLoads loads_;
};

// The COMMIT of the first transaction that committed later; nothing: none did.
Result<std::optional<Lsn>> first_later(const Outline& outline, std::int64_t micros) {
  PayloadReader payloads(outline);
  std::vector<KnownShape> shapes;
  std::size_t segment = 0;
  for (const OutlinedBlock& block : outline.blocks) {
    if (block.segment != segment) shapes.clear();
    segment = block.segment;
    if (block.place.header.kind == BlockKind::kShape) shapes.push_back({nullptr, false});
    if (block.place.header.kind != BlockKind::kEvents || block.place.header.newest_commit <= micros) continue;
    PENSTOCK_ASSIGN(const std::string payload, payloads.read(block));
    std::optional<Lsn> found;
    EventBatch none;
    const bool whole = decode_events(
        payload, shapes,
        [&](const Event& event) {
          if (event.commit_micros > micros) found = event.position.commit_lsn;
          return !found;
        },
        none);
    if (!whole) return fail(ErrorKind::kInternal, "the journal holds damaged events");
    if (found) return found;
  }
  return std::optional<Lsn>();
}

Error incomplete(const std::string& table, const Outline& outline, Lsn until) {
  std::string since = "it is not complete for that table at any later time either";
  std::string remedy =
      "load the table anew while the pipeline runs: penstock resync PIPELINE --table " + table;
  const auto later = completeness(outline);
  if (later && later->contains(table) && later->at(table)) {
    const Completeness& there = *later->at(table);
    since = fmt::format("complete since {} ({})", to_string(there.lsn), time_text(there.micros));
    remedy = fmt::format("use --as-of {} or later", to_string(there.lsn));
  }
  return make_error(
      ErrorKind::kCheckFailed,
      fmt::format("the journal {} cannot prove what {} held as of {}: it has no load of the table from its "
                  "beginning on, with everything after it; {}",
                  outline.folder, table, to_string(until), since),
      remedy);
}

Status find_until(const Outline& outline, const AsOf& as_of, ReplayPlan& plan) {
  const Lsn end = end_of(outline);
  plan.until = end;
  if (as_of.lsn) {
    if (!includes(end, *as_of.lsn))
      return fail(ErrorKind::kUsage,
                  fmt::format("the journal {} ends at {}, before {}", outline.folder, to_string(end),
                              to_string(*as_of.lsn)),
                  "wait until the pipeline is there, or leave out --as-of");
    plan.until = std::min(end, *as_of.lsn);
  }
  if (as_of.micros) {
    PENSTOCK_ASSIGN(const auto later, first_later(outline, *as_of.micros));
    if (later) plan.until = std::min(end, *later);
  }
  return {};
}

// Loads that begin and are not read whole by the end leave no trace.
TableReplay replay_of(const std::string& table, const History& history,
                      std::shared_ptr<const TableSchema> schema) {
  TableReplay replay{table, std::move(schema), *history.base, {}};
  for (const auto& [block, state] : history.steps)
    if (block >= *history.base) replay.steps.emplace(block, state);
  return replay;
}

}  // namespace

std::string time_text(std::int64_t micros) {
  std::string text;
  append_timestamp(text, micros / kMicrosPerSecond * kMicrosPerSecond, true);
  return text;
}

Lsn end_of(const Outline& outline) {
  const Position end = outline.end();
  return end.inside_transaction() ? end.commit_lsn : end.through_lsn;
}

Result<std::map<std::string, std::optional<Completeness>>> completeness(const Outline& outline) {
  Walk walk(outline, kEver);
  PENSTOCK_TRY(walk.run());
  std::map<std::string, std::optional<Completeness>> tables;
  for (const auto& [name, history] : walk.tables) tables[name] = history.since;
  return tables;
}

Result<ReplayPlan> plan_replay(Outline outline, const std::vector<std::string>& tables, const AsOf& as_of) {
  ReplayPlan plan;
  PENSTOCK_TRY(find_until(outline, as_of, plan));
  Walk shapes(outline, plan.until);
  PENSTOCK_TRY(shapes.run());
  Walk walk(outline, plan.until);
  for (const auto& [name, schema] : shapes.schemas)
    for (const std::uint16_t column : schema->key) walk.keys[name].push_back(schema->columns[column].name);
  PENSTOCK_TRY(walk.run());
  plan.first_block = outline.blocks.size();
  for (const std::string& table : tables) {
    const History& history = walk.tables[table];
    if (!history.base || !shapes.schemas.contains(table)) return fail(incomplete(table, outline, plan.until));
    plan.tables.push_back(replay_of(table, history, shapes.schemas.at(table)));
    plan.first_block = std::min(plan.first_block, *history.base);
  }
  for (std::size_t i = plan.first_block; i < outline.blocks.size(); ++i) {
    const BlockHeader& header = outline.blocks[i].place.header;
    plan.events += header.events;
    plan.until_micros = std::max(plan.until_micros, header.newest_commit);
    if (!comes_before(header.position, plan.until)) break;
  }
  plan.outline = std::move(outline);
  return plan;
}

}  // namespace penstock::journal
