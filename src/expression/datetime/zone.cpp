#include "expression/datetime/zone.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "expression/datetime/moment.h"

namespace penstock::expression {
namespace {

constexpr std::size_t kHeaderBytes = 44;
constexpr std::int64_t kSecondsPerDay = 86400;

std::int64_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return size == 4 ? static_cast<std::int32_t>(static_cast<std::uint32_t>(number))
                   : static_cast<std::int64_t>(number);
}

// The counts of a header, and where what follows it lies.
struct Block {
  std::size_t times = 0;
  std::size_t types = 0;
  std::size_t data = 0;
  std::size_t end = 0;
};
std::optional<Block> read_block(std::string_view bytes, std::size_t at, std::size_t time_size) {
  if (bytes.size() < at + kHeaderBytes || bytes.substr(at, 4) != "TZif") return std::nullopt;
  std::size_t
      counts[6];  // UT/local indicators, standard/wall indicators, leap seconds, times, types, letters
  for (std::size_t i = 0; i < 6; ++i) {
    const std::int64_t count = big_endian(bytes, at + 20 + i * 4, 4);
    if (count < 0 || static_cast<std::size_t>(count) > bytes.size()) return std::nullopt;
    counts[i] = static_cast<std::size_t>(count);
  }
  Block block;
  block.times = counts[3];
  block.types = counts[4];
  block.data = at + kHeaderBytes;
  block.end = block.data + block.times * (time_size + 1) + block.types * 6 + counts[5] +
              counts[2] * (time_size + 4) + counts[1] + counts[0];
  if (block.end > bytes.size() || block.types == 0) return std::nullopt;
  return block;
}

// The TZ string behind the data (POSIX: "TZ"): "CET-1CEST,M3.5.0,M10.5.0/3".
class PosixReader {
 public:
  explicit PosixReader(std::string_view text) : text_(text) {}
  bool done() const { return at_ == text_.size(); }
  bool accept(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void name() {
    if (accept('<')) {
      while (!done() && !accept('>')) ++at_;
    } else {
      while (!done() && std::string_view("0123456789,+-").find(text_[at_]) == std::string_view::npos) ++at_;
    }
  }
  std::optional<std::int64_t> number() {
    std::int64_t value = 0;
    const auto read = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (read.ec != std::errc{} || value < 0) return std::nullopt;
    at_ = static_cast<std::size_t>(read.ptr - text_.data());
    return value;
  }
  // "[+-]hh[:mm[:ss]]" in seconds.
  std::optional<std::int64_t> clock() {
    const bool negative = accept('-');
    if (!negative) accept('+');
    std::int64_t seconds = 0;
    for (std::int64_t unit = 3600; unit > 0; unit /= 60) {
      if (unit < 3600 && !accept(':')) break;
      const auto part = number();
      if (!part) return std::nullopt;
      seconds += *part * unit;
    }
    return negative ? -seconds : seconds;
  }
  bool rule(Zone::Rule& rule) {
    if (!accept(',')) return false;
    std::optional<std::int64_t> day;
    if (accept('M')) {
      const auto month = number();
      const auto week = accept('.') ? number() : std::nullopt;
      day = accept('.') ? number() : std::nullopt;
      if (!month || !week || *month < 1 || *month > 12) return false;
      rule.month = *month;
      rule.week = *week;
    } else {
      rule.kind = accept('J') ? Zone::Rule::Kind::kJulianDay : Zone::Rule::Kind::kDayOfYear;
      day = number();
    }
    if (!day) return false;
    rule.day = *day;
    if (!accept('/')) return true;
    const auto seconds = clock();
    rule.seconds = seconds.value_or(0);
    return seconds.has_value();
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// Days since 1970-01-01 on which the rule holds in that year.
std::int64_t day_of(const Zone::Rule& rule, std::int64_t year) {
  const std::int64_t first = days_from_civil({year, 1, 1});
  if (rule.kind == Zone::Rule::Kind::kDayOfYear) return first + rule.day;
  if (rule.kind == Zone::Rule::Kind::kJulianDay) {  // 29 February is never counted
    const bool leap = days_in_month(year, 2) == 29;
    return first + rule.day - 1 + (leap && rule.day >= 60 ? 1 : 0);
  }
  const auto month = static_cast<unsigned>(rule.month);
  const std::int64_t start = days_from_civil({year, month, 1});
  const std::int64_t weekday = day_of_week(start - kPostgresEpochDays);
  std::int64_t day = start + (rule.day - weekday + 7) % 7 + (rule.week - 1) * 7;
  while (day >= start + static_cast<std::int64_t>(days_in_month(year, month))) day -= 7;
  return day;
}

std::int64_t year_of(std::int64_t utc) {
  const std::int64_t days = utc / kSecondsPerDay - (utc % kSecondsPerDay < 0 ? 1 : 0);
  return civil_from_days(days).year;
}

}  // namespace

std::shared_ptr<const Zone> Zone::fixed(std::int64_t offset) {
  auto zone = std::make_shared<Zone>();
  zone->first_offset_ = offset;
  return zone;
}

Result<std::shared_ptr<const Zone>> Zone::from_file(std::string_view bytes, std::string_view name) {
  const auto damaged = [name] {
    return fail(ErrorKind::kConfiguration, "the time zone file of \"" + std::string(name) + "\" is damaged",
                "reinstall the system's tzdata");
  };
  auto block = read_block(bytes, 0, 4);
  const bool wide = block && bytes[4] >= '2';
  if (wide) block = read_block(bytes, block->end, 8);
  if (!block) return damaged();
  const std::size_t time_size = wide ? 8 : 4;
  const std::size_t indexes = block->data + block->times * time_size;
  const std::size_t types = indexes + block->times;
  auto zone = std::make_shared<Zone>();
  zone->first_offset_ = big_endian(bytes, types, 4);
  for (std::size_t i = 0; i < block->times; ++i) {
    const auto type = static_cast<unsigned char>(bytes[indexes + i]);
    if (type >= block->types) return damaged();
    zone->changes_.push_back({big_endian(bytes, block->data + i * time_size, time_size),
                              big_endian(bytes, types + std::size_t{type} * 6, 4)});
  }
  if (wide && bytes.substr(block->end, 1) == "\n") {
    const std::string_view footer = bytes.substr(block->end + 1);
    if (!zone->read_footer(footer.substr(0, footer.find('\n')))) return damaged();
  }
  return std::shared_ptr<const Zone>(std::move(zone));
}

bool Zone::read_footer(std::string_view text) {
  if (text.empty()) return true;
  PosixReader in(text);
  in.name();
  const auto standard = in.clock();
  if (!standard) return false;
  if (in.done()) return true;
  in.name();
  standard_offset_ = -*standard;
  daylight_offset_ = standard_offset_ + 3600;
  if (!in.done() && text.find(',') != std::string_view::npos && !in.accept(',')) {
    const auto daylight = in.clock();
    if (!daylight) return false;
    daylight_offset_ = -*daylight;
  } else {
    // The comma belongs to the first rule.
    PosixReader rules(text.substr(text.find(',')));
    in = rules;
  }
  has_rules_ = in.rule(daylight_begins_) && in.rule(daylight_ends_) && in.done();
  return has_rules_;
}

void Zone::add_rule_changes(std::int64_t year, std::vector<Change>& changes) const {
  const Change begin{
      day_of(daylight_begins_, year) * kSecondsPerDay + daylight_begins_.seconds - standard_offset_,
      daylight_offset_};
  const Change end{day_of(daylight_ends_, year) * kSecondsPerDay + daylight_ends_.seconds - daylight_offset_,
                   standard_offset_};
  for (const Change& change : {begin, end}) {
    if (changes_.empty() || change.at > changes_.back().at) changes.push_back(change);
  }
}

std::int64_t Zone::offset_at(std::int64_t utc) const {
  const auto later = [](std::int64_t time, const Change& change) { return time < change.at; };
  const auto next = std::upper_bound(changes_.begin(), changes_.end(), utc, later);
  std::int64_t offset = next == changes_.begin() ? first_offset_ : std::prev(next)->offset;
  if (!has_rules_ || next != changes_.end()) return offset;
  std::vector<Change> changes;
  const std::int64_t year = year_of(utc);
  for (std::int64_t y = year - 1; y <= year + 1; ++y) add_rule_changes(y, changes);
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.at < b.at; });
  for (const Change& change : changes) {
    if (change.at <= utc) offset = change.offset;
  }
  return offset;
}

Zone::Change Zone::change_after(std::int64_t utc, bool& found) const {
  const auto later = [](std::int64_t time, const Change& change) { return time < change.at; };
  const auto next = std::upper_bound(changes_.begin(), changes_.end(), utc, later);
  found = next != changes_.end();
  if (found) return *next;
  std::vector<Change> changes;
  const std::int64_t year = year_of(utc);
  for (std::int64_t y = year - 1; has_rules_ && y <= year + 1; ++y) add_rule_changes(y, changes);
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.at < b.at; });
  const auto rule =
      std::find_if(changes.begin(), changes.end(), [utc](const Change& c) { return c.at > utc; });
  found = rule != changes.end();
  return found ? *rule : Change{};
}

std::int64_t Zone::offset_at_local(std::int64_t local) const {
  const std::int64_t day_before = local - kSecondsPerDay;
  const std::int64_t before = offset_at(day_before);
  bool found = false;
  const Change change = change_after(day_before, found);
  if (!found) return before;
  const std::int64_t by_before = local - before;
  const std::int64_t by_after = local - change.offset;
  if (by_before < change.at && by_after < change.at) return before;
  if (by_before > change.at && by_after >= change.at) return change.offset;
  return by_before > by_after ? before : change.offset;
}

}  // namespace penstock::expression
