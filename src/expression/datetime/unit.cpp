#include "expression/datetime/unit.h"

#include <string>
#include <unordered_map>

#include "expression/text/character_class.h"

namespace penstock::expression {
namespace {

constexpr std::size_t kLettersThatCount = 10;

struct Named {
  std::string_view name;
  Unit unit;
};

constexpr Named kUnits[] = {
    {"microsecon", Unit::kMicrosecond},
    {"us", Unit::kMicrosecond},
    {"usec", Unit::kMicrosecond},
    {"usecond", Unit::kMicrosecond},
    {"useconds", Unit::kMicrosecond},
    {"usecs", Unit::kMicrosecond},
    {"millisecon", Unit::kMillisecond},
    {"ms", Unit::kMillisecond},
    {"msec", Unit::kMillisecond},
    {"msecond", Unit::kMillisecond},
    {"mseconds", Unit::kMillisecond},
    {"msecs", Unit::kMillisecond},
    {"s", Unit::kSecond},
    {"sec", Unit::kSecond},
    {"second", Unit::kSecond},
    {"seconds", Unit::kSecond},
    {"secs", Unit::kSecond},
    {"m", Unit::kMinute},
    {"min", Unit::kMinute},
    {"mins", Unit::kMinute},
    {"minute", Unit::kMinute},
    {"minutes", Unit::kMinute},
    {"h", Unit::kHour},
    {"hour", Unit::kHour},
    {"hours", Unit::kHour},
    {"hr", Unit::kHour},
    {"hrs", Unit::kHour},
    {"d", Unit::kDay},
    {"day", Unit::kDay},
    {"days", Unit::kDay},
    {"w", Unit::kWeek},
    {"week", Unit::kWeek},
    {"weeks", Unit::kWeek},
    {"mon", Unit::kMonth},
    {"mons", Unit::kMonth},
    {"month", Unit::kMonth},
    {"months", Unit::kMonth},
    {"qtr", Unit::kQuarter},
    {"quarter", Unit::kQuarter},
    {"y", Unit::kYear},
    {"year", Unit::kYear},
    {"years", Unit::kYear},
    {"yr", Unit::kYear},
    {"yrs", Unit::kYear},
    {"dec", Unit::kDecade},
    {"decade", Unit::kDecade},
    {"decades", Unit::kDecade},
    {"decs", Unit::kDecade},
    {"c", Unit::kCentury},
    {"cent", Unit::kCentury},
    {"century", Unit::kCentury},
    {"centuries", Unit::kCentury},
    {"mil", Unit::kMillennium},
    {"mils", Unit::kMillennium},
    {"millennia", Unit::kMillennium},
    {"millennium", Unit::kMillennium},
    {"timezone", Unit::kTimezone},
    {"timezone_h", Unit::kTimezoneHour},
    {"timezone_m", Unit::kTimezoneMinute},
    {"epoch", Unit::kEpoch},
    {"dow", Unit::kDayOfWeek},
    {"doy", Unit::kDayOfYear},
    {"isodow", Unit::kIsoDayOfWeek},
    {"isoyear", Unit::kIsoYear},
    {"j", Unit::kJulian},
    {"jd", Unit::kJulian},
    {"julian", Unit::kJulian},
};

const std::unordered_map<std::string_view, Unit>& units() {
  static const auto kByName = [] {
    std::unordered_map<std::string_view, Unit> map;
    for (const Named& named : kUnits) map.emplace(named.name, named.unit);
    return map;
  }();
  return kByName;
}

}  // namespace

std::optional<Unit> unit_named(std::string_view name) {
  const std::string plain = lower_text(name).substr(0, kLettersThatCount);
  const auto found = units().find(plain);
  return found == units().end() ? std::nullopt : std::optional(found->second);
}

}  // namespace penstock::expression
