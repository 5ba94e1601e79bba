// What `dead-letters list` shows, and its two forms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sink/mongo/letters/letter_box.h"

namespace penstock::app {

struct LettersView {
  std::string pipeline;
  std::vector<mongo::LetterCount> counts;
  std::vector<mongo::Letter> letters;
  std::optional<mongo::LetterContents> whole;  // of the only letter: it is shown whole

  std::uint64_t total() const;
};

// Stable for scripts: keys are added, never renamed or removed. One object, one line.
std::string letters_json(const LettersView& view);
std::string letters_text(const LettersView& view);

std::string time_text(std::int64_t millis);  // 2026-11-27T08:53:07.123Z
// "orders: public.orders (7)", "orders: topic/3/4711".
std::string name_of(const mongo::Letter& letter);
// "error\n<indent>-> remedy\n", each line indented.
std::string reason_text(const std::string& error, const std::string& remedy, const std::string& indent);

}  // namespace penstock::app
