#include "backbone/history/history_plan.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "model/civil_time.h"

namespace penstock::backbone {
namespace {

std::string time_text(std::int64_t micros) {
  std::string text;
  append_timestamp(text, micros / kMicrosPerSecond * kMicrosPerSecond, true);
  return text;
}

std::string since_text(const HistoryBase& base) {
  return to_string(base.whole) + (base.micros > 0 ? " (" + time_text(base.micros) + ")" : "");
}

// Where a row or change stands at the least.
Lsn stands_at(const envelope::Place& place) { return place.lsn.value_or(place.last_commit.value_or(Lsn{})); }

// Whether nothing of the base can be missing from the partition's beginning. Else why.
std::string why_cut_off(const HistoryBase& base, const PartitionId& partition, const PartitionEnds& ends,
                        const envelope::Place* first) {
  if (ends.first == 0) return {};
  const bool before = first != nullptr && base.begin.is_set() && stands_at(*first) < base.begin;
  const bool its_first = first != nullptr && !base.beside && first->snapshot && first->begins_load &&
                         stands_at(*first) == base.begin;
  if (before || its_first) return {};
  return to_string(partition) + " begins at offset " + std::to_string(ends.first) +
         ": its first records are gone by the topic's retention, rows of the load among them";
}

// Loads of a table, whole by what is known, oldest first.
std::vector<HistoryBase> loads_of(const std::string& table, const HistoryFacts& facts,
                                  const HistoryScan& scan) {
  std::vector<HistoryBase> loads;
  const auto found = scan.tables().find(table);
  static const TableSeen kNothing;
  const TableSeen& seen = found == scan.tables().end() ? kNothing : found->second;
  if (const auto captured = facts.captured.find(table);
      captured != facts.captured.end() && captured->second.whole && captured->second.problem.empty()) {
    const Lsn begun = captured->second.begun.value_or(Lsn{});
    loads.push_back({begun, true, std::max(begun, seen.newest_row), seen.newest_row_micros});
  }
  for (const auto& [place, load] : seen.loads)
    if (scan.is_whole(place, load)) loads.push_back({place, false, place, load.micros});
  // A connector that loaded other tables had nothing to load of this one.
  if (!seen.has_rows && loads.empty() && (facts.loads_at_start || scan.first_load().is_set()))
    loads.push_back({Lsn{}, true, scan.first_load(), 0});
  return loads;
}

std::string why_no_load(const std::string& table, const HistoryFacts& facts, const HistoryScan& scan) {
  const auto captured = facts.captured.find(table);
  if (captured != facts.captured.end() && !captured->second.problem.empty())
    return "the capture does not follow it now: " + captured->second.problem;
  const auto seen = scan.tables().find(table);
  if (seen != scan.tables().end() && seen->second.has_rows)
    return "they hold rows of a load (op r), but nothing says that it is whole";
  return "they hold no load of it, and nothing says that it was empty when the connector began";
}

tl::unexpected<Error> incomplete(const std::string& table, const HistoryEnd& end, const std::string& why,
                                 const HistoryBase* since) {
  std::string when;
  if (end.lsn) when = " as of " + to_string(*end.lsn);
  if (end.micros) when = " as of " + time_text(*end.micros);
  const std::string message = "the topics cannot prove what " + table + " held" + when + ": " + why;
  if (since != nullptr)
    return fail(ErrorKind::kCheckFailed, message + "; complete since " + since_text(*since),
                "use --as-of " + to_string(since->whole) + " or later");
  return fail(ErrorKind::kCheckFailed,
              message + "; they are not complete for that table at any later time either",
              "load the table anew while the pipeline runs: penstock resync of the capture, or a signal to "
              "Debezium for a snapshot of type blocking; an incremental one does not say when it is whole");
}

}  // namespace

std::set<Lsn> HistoryFacts::cuts() const {
  std::set<Lsn> places;
  if (end.lsn) places.insert(*end.lsn);
  for (const auto& [table, load] : captured)
    if (load.begun) places.insert(*load.begun);
  return places;
}

Result<HistoryPlan> HistoryPlan::make(const std::vector<ReadTable>& tables, const HistoryFacts& facts,
                                      const HistoryScan& scan) {
  HistoryPlan plan(scan);
  if ((facts.end.lsn || facts.end.micros) && !scan.placeless().empty())
    return fail(
        ErrorKind::kCheckFailed,
        "records of " + scan.placeless() +
            " do not say where they stand in the source, so that nothing tells what it held as of then",
        "leave out --as-of; a connector with ExtractNewRecordState writes the places with add.fields: "
        "op,source.snapshot,source.sequence,source.lsn,source.ts_us, and no tombstones for deletes");
  PENSTOCK_TRY(plan.find_cut(facts));
  for (const ReadTable& table : tables) PENSTOCK_TRY(plan.find_base(table, facts));
  PENSTOCK_TRY(plan.find_truncates(facts));
  return plan;
}

Status HistoryPlan::find_cut(const HistoryFacts& facts) {
  if (facts.end.micros && scan_->first_later()) {
    cut_.emplace(*scan_->first_later());  // everything before that transaction had committed
    return {};
  }
  if (!facts.end.lsn) return {};
  const Lsn at = *facts.end.lsn;
  if (!facts.written && scan_->newest() < at)
    return fail(ErrorKind::kUsage,
                "the topics' newest change stands at " + to_string(scan_->newest()) + ", before " +
                    to_string(at) + ", and nothing says that everything up to there is in them",
                "wait until whoever writes the topics is there, or leave out --as-of");
  cut_ = scan_->cut(at);
  if (cut_->newest() != Cut::Newest::kUnknown) return {};
  // A capture's position names the newest transaction that it wrote.
  const auto& captured = facts.captured_position;
  if (captured && captured->commit_lsn < at && captured->through_lsn > cut_->newest_lsn()) {
    cut_->settle(Cut::Newest::kCommitted);
    return {};
  }
  std::string remedy =
      "use --as-of " + to_string(std::max(cut_->newest_after(), Lsn{1})) + " to leave it out, ";
  remedy += cut_->next_after() ? "--as-of " + to_string(*cut_->next_after()) + " to have it in"
                               : std::string("or leave out --as-of to have it in");
  return fail(ErrorKind::kCheckFailed,
              "transaction " + std::to_string(cut_->newest_transaction()) + " wrote before " + to_string(at) +
                  " and is in the topics, but they do not say whether it had committed by then",
              std::move(remedy));
}

Status HistoryPlan::find_base(const ReadTable& table, const HistoryFacts& facts) {
  const std::string name = to_string(table.name);
  std::string why = why_no_load(name, facts, *scan_);
  std::optional<HistoryBase> earliest, chosen;
  for (const HistoryBase& load : loads_of(name, facts, *scan_)) {
    std::string cut_off;
    for (const auto& [partition, ends] : facts.ends)
      if (table.comes_from(partition.topic) && cut_off.empty())
        cut_off = why_cut_off(load, partition, ends, scan_->first(partition));
    const bool in_time =
        (!cut_ || load.whole <= cut_->at()) && (!facts.end.micros || load.micros <= *facts.end.micros);
    if (!cut_off.empty() || !in_time) why = cut_off.empty() ? "its load was whole only later" : cut_off;
    if (!cut_off.empty()) continue;
    if (!earliest || load.whole < earliest->whole) earliest = load;
    if (in_time && (!chosen || load.begin >= chosen->begin)) chosen = load;
  }
  if (!chosen) return incomplete(name, facts.end, why, earliest ? &*earliest : nullptr);
  bases_[name] = *chosen;
  return {};
}

Status HistoryPlan::find_truncates(const HistoryFacts& facts) {
  for (const TruncateSeen& truncate : scan_->truncates()) {
    const auto of_topic = [&](const auto& one) { return one.first.topic == truncate.topic; };
    if (!had_committed(truncate.place)) continue;
    if (facts.in_order && std::count_if(facts.ends.begin(), facts.ends.end(), of_topic) > 1)
      return fail(
          ErrorKind::kCheckFailed,
          truncate.topic +
              " has several partitions and a TRUNCATE in one of them: documents that outlive their rows "
              "(deletes: soft) cannot be told from its records",
          "replay another collection of the table without deletes: soft");
    if (facts.in_order) continue;
    const auto [known, is_new] = truncates_.try_emplace(truncate.topic, truncate.place);
    if (is_new || is_behind_truncate(truncate.topic, truncate.place)) known->second = truncate.place;
  }
  return {};
}

bool HistoryPlan::had_committed(const envelope::Place& place) const {
  if (!cut_) return true;
  return place.snapshot ? stands_at(place) <= cut_->at() : cut_->had_committed(scan_->after(place));
}

bool HistoryPlan::is_of_base(const HistoryBase& base, const PartitionId& partition,
                             const envelope::Place& place) {
  const Lsn at = stands_at(place);
  if (place.snapshot) {
    if (at == base.begin) in_load_.insert(partition);
    return at >= base.begin;
  }
  const bool is_new = in_load_.contains(partition);
  if (!place.lsn && !place.last_commit) return is_new || base.beside;
  if (base.beside) return !base.begin.is_set() || !scan_->cut(base.begin).had_committed(scan_->after(place));
  if (!place.last_commit) return is_new || at >= base.begin;
  return at >= base.begin || *place.last_commit >= base.begin;
}

bool HistoryPlan::is_behind_truncate(const std::string& topic, const envelope::Place& place) const {
  const auto found = truncates_.find(topic);
  if (found == truncates_.end()) return true;
  const Lsn after = scan_->after(found->second);
  if (place.snapshot) return stands_at(place) > after;
  return std::tuple(scan_->after(place), stands_at(place)) > std::tuple(after, stands_at(found->second));
}

bool HistoryPlan::belongs(const std::string& table, const PartitionId& partition,
                          const envelope::RecordHead& head) {
  return is_of_base(bases_.at(table), partition, head.place) && had_committed(head.place) &&
         is_behind_truncate(partition.topic, head.place);
}

}  // namespace penstock::backbone
