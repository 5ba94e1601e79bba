#include "app/letters/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "app/commands/writer.h"
#include "base/log.h"
#include "base/retry.h"
#include "sink/mongo/reader.h"

namespace penstock::app {
namespace {

using Clock = std::chrono::steady_clock;
using mongo::Letter;
constexpr std::chrono::milliseconds kPoll{100};

std::string new_token() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

using RowName = std::pair<std::string, KeyText>;
RowName row_of(const Letter& letter) { return {letter.table, letter.key}; }

bool by_workers(const Settings& settings, const Letter& letter) {
  return settings.kafka.share &&
         std::any_of(settings.collections.begin(), settings.collections.end(), [&](const auto& one) {
           return one.spec.is_plain() && one.spec.name == letter.collection;
         });
}

// Nothing: it can be taken up.
std::string why_not(const Settings& settings, const Letter& letter) {
  const auto tables = settings.tables();
  const bool known = std::any_of(tables.begin(), tables.end(),
                                 [&](const auto& table) { return to_string(table.name) == letter.table; });
  if (by_workers(settings, letter))
    return "workers write its collection, who read no row anew: the row's next change writes the document, "
           "then `penstock dead-letters drop`";
  if (letter.table.empty()) return "it is not known of which table it is; `penstock dead-letters drop`";
  if (!known)
    return fmt::format("no collection of {} reads the table {}; `penstock dead-letters drop`", settings.file,
                       letter.table);
  if (letter.has_row()) return "";
  const auto of = std::find_if(settings.collections.begin(), settings.collections.end(),
                               [&](const auto& one) { return one.spec.name == letter.collection; });
  if (!letter.record && of != settings.collections.end() && of->spec.is_summary())
    return fmt::format("its document is made of many rows: `penstock rebuild {} {}`, then `drop`",
                       settings.file, letter.collection);
  return fmt::format("the row's key could not be read: `penstock resync {} --table {}`, then `drop`",
                     settings.file, letter.table);
}

// Until no letter waits, or the time is over.
Status wait_for_answers(mongo::LetterBox& box, const RetryPlan& plan, std::chrono::milliseconds timeout,
                        std::stop_token stop) {
  const auto end = Clock::now() + timeout;
  for (;;) {
    PENSTOCK_ASSIGN(const bool waits, box.any_waits(plan.marked, plan.token));
    if (!waits || Clock::now() >= end) return {};
    if (!sleep_unless_stopped(stop, kPoll))
      return fail(ErrorKind::kCheckFailed, "stopped while waiting; the rows will be taken up nevertheless");
  }
}

Result<RetryResult> outcome_of(mongo::LetterBox& box, const Letter& before, const std::vector<Letter>& now) {
  const auto found =
      std::find_if(now.begin(), now.end(), [&](const Letter& one) { return one.id == before.id; });
  if (found != now.end()) return RetryResult{*found, found->waiting ? Outcome::kWaiting : Outcome::kFailed};
  PENSTOCK_ASSIGN(const std::optional<bool> there, box.has_document(before));
  if (!there) return RetryResult{before, Outcome::kDone};
  return RetryResult{before, *there ? Outcome::kWritten : Outcome::kGone};
}

}  // namespace

RetryPlan plan_retry(const Settings& settings, const std::vector<Letter>& chosen,
                     const std::vector<Letter>& all) {
  RetryPlan plan;
  plan.token = new_token();
  std::set<RowName> rows;
  for (const Letter& letter : chosen) {
    if (std::string why = why_not(settings, letter); !why.empty()) {
      plan.refused.push_back({letter, std::move(why)});
      continue;
    }
    plan.chosen.push_back(letter);
    if (!rows.insert(row_of(letter)).second) continue;
    Reread row;
    row.table = letter.table;
    row.columns = letter.columns;
    row.key = letter.key;
    row.token = plan.token;
    plan.rows.push_back(std::move(row));
  }
  for (const Letter& letter : all)
    if (letter.has_row() && rows.contains(row_of(letter)) && !by_workers(settings, letter))
      plan.marked.push_back(letter);
  return plan;
}

Result<std::vector<RetryResult>> retry(const Settings& settings, const RetryPlan& plan,
                                       std::chrono::milliseconds timeout, std::stop_token stop) {
  const auto& sink = settings.sink;
  PENSTOCK_ASSIGN(const auto box, mongo::LetterBox::open(sink.mongodb, sink.database, settings.pipeline));
  PENSTOCK_ASSIGN(const auto reader, mongo::Reader::open(sink.mongodb, sink.database, settings.pipeline));
  // The marks first: what is read after the request finds them.
  PENSTOCK_TRY(box->mark(plan.marked, plan.token));
  PENSTOCK_TRY(reader->request_repair(plan.rows));
  std::vector<RetryResult> results;
  PENSTOCK_ASSIGN(const auto writer, find_writer(*reader));
  if (!writer) {
    for (const Letter& letter : plan.chosen) results.push_back({letter, Outcome::kNoWriter});
    return results;
  }
  log::info("process {} on {} reads {} rows again", writer->pid, writer->host, plan.rows.size());
  PENSTOCK_TRY(wait_for_answers(*box, plan, timeout, stop));
  PENSTOCK_ASSIGN(const std::vector<Letter> now, box->list("", 0));
  for (const Letter& letter : plan.chosen) {
    PENSTOCK_ASSIGN(RetryResult result, outcome_of(*box, letter, now));
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace penstock::app
