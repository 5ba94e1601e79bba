#include "app/letters/letters_view.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

#include "app/progress_text.h"

namespace penstock::app {
namespace {

using mongo::Letter;
using mongo::LetterContents;
using mongo::ShownBytes;

std::string bytes_line(const std::string& name, const std::optional<ShownBytes>& bytes) {
  if (!bytes) return fmt::format("    {}: null\n", name);
  const char* form = bytes->text ? "" : " as base64";
  return fmt::format("    {}, {} bytes{}: {}\n", name, bytes->size, form, bytes->shown);
}

std::string whole_text(const Letter& letter, const LetterContents& whole) {
  std::string text;
  if (!letter.columns.empty()) text += fmt::format("    key: {}\n", fmt::join(letter.columns, ", "));
  if (!whole.row_json.empty()) text += fmt::format("    row: {}\n", whole.row_json);
  if (!letter.record) return text;
  if (whole.timestamp_millis) text += fmt::format("    timestamp: {}\n", time_text(*whole.timestamp_millis));
  for (const auto& header : whole.headers) text += bytes_line("header " + header.name, header.value);
  return text + bytes_line("record key", whole.key) + bytes_line("record value", whole.value);
}

std::string letter_text(const Letter& letter) {
  std::string text = fmt::format("{}  {}", letter.id, name_of(letter));
  if (letter.record && !letter.table.empty())
    text += fmt::format(", {}{}", letter.table,
                        letter.key.empty() ? "" : fmt::format(" ({})", fmt::join(letter.key, ", ")));
  if (letter.commit_lsn.is_set()) text += " at " + to_string(letter.commit_lsn);
  text += fmt::format(", {}{}\n", time_text(letter.at_millis), letter.waiting ? ", waits for a retry" : "");
  return text + reason_text(letter.error, letter.remedy, "    ");
}

}  // namespace

std::uint64_t LettersView::total() const {
  std::uint64_t all = 0;
  for (const mongo::LetterCount& count : counts) all += count.letters;
  return all;
}

std::string time_text(std::int64_t millis) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(millis)};
  return fmt::format("{:%Y-%m-%dT%H:%M}:{:%S}Z", std::chrono::floor<std::chrono::minutes>(time),
                     time.time_since_epoch());
}

std::string name_of(const Letter& letter) {
  const std::string collection = letter.collection.empty() ? "no collection" : letter.collection;
  if (letter.record)
    return fmt::format("{}: {}/{}/{}", collection, letter.record->topic, letter.record->partition,
                       letter.record->offset);
  return fmt::format("{}: {} ({})", collection, letter.table, fmt::join(letter.key, ", "));
}

std::string reason_text(const std::string& error, const std::string& remedy, const std::string& indent) {
  std::string text = indent + error + "\n";
  if (!remedy.empty()) text += indent + "-> " + remedy + "\n";
  return text;
}

std::string letters_text(const LettersView& view) {
  if (view.whole && !view.letters.empty())
    return letter_text(view.letters.front()) + whole_text(view.letters.front(), *view.whole);
  const std::uint64_t total = view.total();
  std::string text = fmt::format("{} letter{}\n", grouped(total), total == 1 ? "" : "s");
  for (const mongo::LetterCount& count : view.counts) {
    text += fmt::format("  {}: {} {}, the newest:\n",
                        count.collection.empty() ? "no collection" : count.collection, grouped(count.letters),
                        count.kind);
    text += reason_text(count.example, count.remedy, "    ");
  }
  if (!view.letters.empty()) text += "\n";
  for (const Letter& letter : view.letters) text += letter_text(letter);
  if (view.letters.size() < total)
    text += fmt::format("{} of {} are shown; --limit 0 shows all\n", view.letters.size(), grouped(total));
  return text;
}

}  // namespace penstock::app
