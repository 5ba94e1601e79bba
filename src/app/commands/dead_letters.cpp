#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/commands/commands.h"
#include "app/letters/letters_view.h"
#include "app/letters/retry.h"
#include "app/nearest.h"
#include "base/log.h"

namespace penstock::app {
namespace {

using mongo::Letter;
using mongo::LetterBox;

Result<std::unique_ptr<LetterBox>> open_box(const Settings& settings) {
  return LetterBox::open(settings.sink.mongodb, settings.sink.database, settings.pipeline);
}

void say(const std::string& text) { std::fputs(text.c_str(), stdout); }

// A collection that the file names no more may still have letters.
Status check_collection(const Settings& settings, LetterBox& box, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& collection : settings.collections) known.push_back(collection.spec.name);
  if (name.empty() || std::find(known.begin(), known.end(), name) != known.end()) return {};
  PENSTOCK_ASSIGN(const auto there, box.list(name, 1));
  if (!there.empty()) return {};
  return fail(ErrorKind::kUsage,
              fmt::format("{} has no collection \"{}\"{}", settings.file, name, did_you_mean(name, known)),
              fmt::format("collections: {}", fmt::join(known, ", ")));
}

// Those that `ids` name; all where there are none.
Result<std::vector<Letter>> chosen(const Settings& settings, const DeadLetterOptions& options,
                                   const std::vector<Letter>& all) {
  if (options.ids.empty()) return all;
  std::vector<Letter> letters;
  for (const std::string& id : options.ids) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Letter& one) { return one.id == id; });
    if (found == all.end())
      return fail(ErrorKind::kUsage, fmt::format("there is no letter {}", id),
                  fmt::format("penstock dead-letters list {}", settings.file));
    letters.push_back(*found);
  }
  return letters;
}

Status list(const Settings& settings, const DeadLetterOptions& options, LetterBox& box) {
  LettersView view;
  view.pipeline = settings.pipeline;
  PENSTOCK_ASSIGN(view.counts, box.count(options.collection));
  PENSTOCK_ASSIGN(view.letters, box.list(options.collection, options.ids.empty() ? options.limit : 0));
  if (!options.ids.empty()) {
    PENSTOCK_ASSIGN(view.letters, chosen(settings, options, view.letters));
    PENSTOCK_ASSIGN(view.whole, box.contents(view.letters.front()));
  }
  say(options.json ? letters_json(view) + "\n" : letters_text(view));
  return {};
}

std::string result_text(const Settings& settings, const RetryResult& result) {
  const Letter& letter = result.letter;
  const std::string name = fmt::format("{}  {}: ", letter.id, name_of(letter));
  switch (result.outcome) {
    case Outcome::kWritten:
      return name + "written\n";
    case Outcome::kGone:
      return name + "gone: there is no such row, and no document\n";
    case Outcome::kDone:
      return name + "written, or its row is gone\n";
    case Outcome::kFailed:
      return name + "failed again\n" + reason_text(letter.error, letter.remedy, "    ");
    case Outcome::kWaiting:
      return name + "not taken up yet; it will be\n";
    case Outcome::kNoWriter:
      return name + fmt::format("taken up when the pipeline starts: penstock run {}\n", settings.file);
  }
  return name;
}

bool is_open(const RetryResult& result) {
  return result.outcome == Outcome::kFailed || result.outcome == Outcome::kWaiting;
}

Status retry_letters(const Settings& settings, const DeadLetterOptions& options, LetterBox& box,
                     std::stop_token stop) {
  PENSTOCK_ASSIGN(const std::vector<Letter> all, box.list("", 0));
  std::vector<Letter> eligible = all;
  if (!options.collection.empty())
    std::erase_if(eligible, [&](const Letter& one) { return one.collection != options.collection; });
  PENSTOCK_ASSIGN(const std::vector<Letter> letters, chosen(settings, options, eligible));
  const RetryPlan plan = plan_retry(settings, letters, all);
  for (const RetryPlan::Refused& refused : plan.refused)
    say(fmt::format("{}  {}: cannot be taken up: {}\n", refused.letter.id, name_of(refused.letter),
                    refused.why));
  std::vector<RetryResult> results;
  if (!plan.rows.empty()) {
    if (settings.errors == OnBadRow::kStop)
      log::warn("`errors: stop` is set: a row that fails again stops the pipeline");
    PENSTOCK_ASSIGN(results, retry(settings, plan, options.timeout, stop));
  }
  for (const RetryResult& result : results) say(result_text(settings, result));
  const auto open = static_cast<std::size_t>(std::count_if(results.begin(), results.end(), is_open));
  say(fmt::format("{} letters: {} taken up, {} still there\n", letters.size(), results.size() - open,
                  open + plan.refused.size()));
  if (open + plan.refused.size() == 0) return {};
  return fail(ErrorKind::kCheckFailed, fmt::format("{} letters are still there", open + plan.refused.size()));
}

Status drop(const Settings& settings, const DeadLetterOptions& options, LetterBox& box) {
  PENSTOCK_ASSIGN(const std::vector<Letter> all, box.list(options.collection, 0));
  PENSTOCK_ASSIGN(const std::vector<Letter> letters, chosen(settings, options, all));
  if (!options.yes) {
    say(
        fmt::format("{} letters would be removed; their rows stay without a document, or with an old one. "
                    "Nothing was done: add --yes\n",
                    letters.size()));
    return {};
  }
  PENSTOCK_ASSIGN(const std::uint64_t removed, box.remove(letters));
  say(fmt::format("{} letters were removed\n", removed));
  return {};
}

}  // namespace

Status dead_letters_command(const Settings& settings, const DeadLetterOptions& options,
                            std::stop_token stop) {
  PENSTOCK_ASSIGN(const auto box, open_box(settings));
  PENSTOCK_TRY(check_collection(settings, *box, options.collection));
  switch (options.action) {
    case DeadLetterOptions::Action::kList:
      return list(settings, options, *box);
    case DeadLetterOptions::Action::kRetry:
      return retry_letters(settings, options, *box, stop);
    case DeadLetterOptions::Action::kDrop:
      return drop(settings, options, *box);
  }
  return {};
}

}  // namespace penstock::app
