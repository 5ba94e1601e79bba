// Time zones out of the system's tz database (RFC 8536, "The Time Zone Information Format (TZif)"), with
// PostgreSQL's reading of names and of local times that do not exist or exist twice.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock::expression {

// Times are seconds since 1970-01-01 00:00, of UTC or of the zone's own clock. Immutable.
class Zone {
 public:
  struct Change {
    std::int64_t at = 0;      // UTC
    std::int64_t offset = 0;  // from then on: seconds east of Greenwich
  };
  // A day on which daylight-saving time begins or ends, of every year after the last Change.
  struct Rule {
    enum class Kind { kMonthWeekDay, kJulianDay, kDayOfYear };
    Kind kind = Kind::kMonthWeekDay;
    std::int64_t month = 0;
    std::int64_t week = 0;
    std::int64_t day = 0;
    std::int64_t seconds = 7200;  // of the day, by the clock before the change
  };

  // A name of the tz database in any case ("europe/berlin"), an abbreviation ("EST"), or an offset as POSIX
  // writes it (west is positive: "UTC+3" is three hours behind). Zones that were found are kept.
  static Result<std::shared_ptr<const Zone>> named(std::string_view name);
  static std::shared_ptr<const Zone> fixed(std::int64_t offset);
  // The bytes of a TZif file.
  static Result<std::shared_ptr<const Zone>> from_file(std::string_view bytes, std::string_view name);

  // Whether the offset is the same at all times.
  bool is_fixed() const { return changes_.empty() && !has_rules_; }
  std::int64_t offset_at(std::int64_t utc) const;
  // A local time in a gap is taken by the clock before it, one that exists twice as the later one.
  std::int64_t offset_at_local(std::int64_t local) const;

 private:
  Change change_after(std::int64_t utc, bool& found) const;
  void add_rule_changes(std::int64_t year, std::vector<Change>& changes) const;
  bool read_footer(std::string_view text);

  std::int64_t first_offset_ = 0;  // before the first change
  std::vector<Change> changes_;    // in order of time
  bool has_rules_ = false;
  std::int64_t standard_offset_ = 0;
  std::int64_t daylight_offset_ = 0;
  Rule daylight_begins_;
  Rule daylight_ends_;
};

// The offset of a zone abbreviation that PostgreSQL knows by its default list, when it never changed: "PST".
// 1 when it is none.
inline constexpr std::int64_t kNoAbbreviation = 1;
std::int64_t abbreviation_offset(std::string_view name);

}  // namespace penstock::expression
