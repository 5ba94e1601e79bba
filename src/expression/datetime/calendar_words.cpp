#include "expression/datetime/calendar_words.h"

namespace penstock::expression {
namespace {

constexpr const char* kMonths[] = {"january", "february", "march",     "april",   "may",      "june",
                                   "july",    "august",   "september", "october", "november", "december"};
constexpr const char* kWeekdays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                     "thursday", "friday", "saturday"};

}  // namespace

std::int64_t month_named(std::string_view word) {
  if (word == "sept") return 9;
  for (std::int64_t month = 1; month <= 12; ++month) {
    const std::string_view name = kMonths[month - 1];
    if (word == name || word == name.substr(0, 3)) return month;
  }
  return 0;
}
bool is_weekday(std::string_view word) {
  for (const std::string_view name : kWeekdays) {
    if (word == name || word == name.substr(0, 3)) return true;
  }
  return word == "tues" || word == "wednes" || word == "weds" || word == "thur" || word == "thurs";
}

}  // namespace penstock::expression
