#include "expression/datetime/moment_reader.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "expression/datetime/calendar_words.h"
#include "expression/datetime/moment.h"

namespace penstock::expression {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }
bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}
std::optional<std::int64_t> number_of(std::string_view digits) {
  std::int64_t number = 0;
  if (!all_digits(digits) || digits.size() > 9) return std::nullopt;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

// Reads one text, in lower case, into its fields.
class MomentReader {
 public:
  MomentReader(std::string text, bool time_expected)
      : text_(std::move(text)), time_expected_(time_expected) {}

  MomentFields read() {
    const MomentProblem problem = read_all();
    return {problem, has_date() ? days_ : std::nullopt, time_, zone_};
  }

 private:
  MomentProblem read_all() {
    while (at_ < text_.size() && problem_ == MomentProblem::kNone) step();
    if (problem_ != MomentProblem::kNone) return problem_;
    if (!numbers_.empty() && !place_numbers()) return problem_of(MomentProblem::kSyntax);
    // PostgreSQL takes the day of the week only where the month has a name.
    if (weekday_ && !month_by_name_) return problem_of(MomentProblem::kSyntax);
    if (has_date() && !settle_date()) return problem_of(MomentProblem::kRange);
    return settle_time() ? MomentProblem::kNone : problem_of(MomentProblem::kRange);
  }
  MomentProblem problem_of(MomentProblem otherwise) const {
    return problem_ == MomentProblem::kNone ? otherwise : problem_;
  }
  bool has_date() const { return days_ || year_ || month_ || day_; }
  void refuse(MomentProblem problem = MomentProblem::kSyntax) {
    if (problem_ == MomentProblem::kNone) problem_ = problem;
  }

  std::string_view take_while(bool (*wanted)(char)) {
    const std::size_t start = at_;
    while (at_ < text_.size() && wanted(text_[at_])) ++at_;
    return std::string_view(text_).substr(start, at_ - start);
  }

  void step() {
    const char c = text_[at_];
    if (c == ' ' || c == ',' || (c >= '\t' && c <= '\r')) {
      ++at_;
    } else if (digit(c)) {
      digits();
    } else if (c == '+' || c == '-') {
      offset();
    } else if (letter(c)) {
      word();
    } else {
      refuse();
    }
  }

  void digits() {
    const std::size_t start = at_;
    const std::string_view first = take_while(digit);
    const char next = at_ < text_.size() ? text_[at_] : ' ';
    if (next == ':') return clock(first);
    const bool more = at_ + 1 < text_.size() && (digit(text_[at_ + 1]) || letter(text_[at_ + 1]));
    if ((next == '-' || next == '/') && more && !(has_date() && all_clock(first)))
      return separated(start, next);
    if (next == '.' && more) return dotted(start, first);
    number(first);
  }
  // "20240131 040506+01": digits behind a date are a time, and the sign belongs to the zone.
  bool all_clock(std::string_view first) const { return first.size() == 4 || first.size() == 6; }

  void number(std::string_view first) {
    const bool expects_time = time_marker_ || time_expected_ || (days_ || (year_ && month_ && day_));
    if (expects_time && !time_ &&
        (first.size() == 6 || first.size() == 4 || (time_marker_ && first.size() == 2)))
      return compact_clock(first, 0);
    if ((first.size() == 8 || first.size() == 6) && numbers_.empty() && !has_date())
      return compact_date(first);
    numbers_.push_back(first);
  }

  void compact_date(std::string_view digits) {
    const std::size_t year = digits.size() - 4;
    year_ = number_of(digits.substr(0, year));
    month_ = number_of(digits.substr(year, 2));
    day_ = number_of(digits.substr(year + 2));
    two_digits_ = year == 2;
  }

  void compact_clock(std::string_view digits, std::int64_t micros) {
    std::int64_t parts[3] = {0, 0, 0};
    for (std::size_t i = 0; i * 2 < digits.size(); ++i) parts[i] = *number_of(digits.substr(i * 2, 2));
    set_time(parts, micros);
    time_marker_ = false;
  }

  // "1999.008" is a year and its day; "040506.789" a time; "08.01.1999" a date.
  void dotted(std::size_t start, std::string_view first) {
    ++at_;
    const std::string_view second = take_while(digit);
    if (at_ < text_.size() && text_[at_] == '.') {
      at_ = start;
      return separated(start, '.');
    }
    if (first.size() == 6 && (has_date() || time_marker_ || time_expected_))
      return compact_clock(first, fraction_of(second));
    const auto day = number_of(second);
    const auto year = number_of(first);
    if (has_date() || second.size() != 3 || first.size() < 4 || !day || !year || *day < 1 || *day > 366)
      return refuse();
    year_ = year;
    days_ = days_of(CivilDate{*year, 1, 1}) + *day - 1;
  }

  // Three fields with '-', '/' or '.' between them; one of them may be the name of a month.
  void separated(std::size_t start, char delimiter) {
    if (has_date()) return refuse();
    at_ = start;
    std::vector<std::string_view> fields;
    std::size_t named = 3;
    while (fields.size() < 3) {
      const bool is_name = at_ < text_.size() && letter(text_[at_]);
      if (is_name) named = fields.size();
      fields.push_back(take_while(is_name ? letter : digit));
      if (fields.back().empty()) return refuse();
      if (fields.size() < 3 && (at_ >= text_.size() || text_[at_++] != delimiter)) return refuse();
    }
    if (named == 3) {
      const bool year_first = fields[0].size() >= 3;
      place(year_first ? fields[0] : fields[2], year_first ? fields[1] : fields[0],
            year_first ? fields[2] : fields[1]);
      return;
    }
    month_ = month_named(fields[named]);
    if (*month_ == 0) return refuse();
    const std::string_view one = fields[named == 0 ? 1 : 0];
    const std::string_view other = fields[named == 2 ? 1 : 2];
    const bool year_first = one.size() >= 3;
    place_year(year_first ? one : other);
    day_ = number_of(year_first ? other : one);
  }

  void place(std::string_view year, std::string_view month, std::string_view day) {
    if (month.size() > 2 || day.size() > 2)
      return refuse(month.size() > 2 ? MomentProblem::kRange : MomentProblem::kSyntax);
    place_year(year);
    month_ = number_of(month);
    day_ = number_of(day);
  }
  void place_year(std::string_view year) {
    year_ = number_of(year);
    if (!year_) refuse(MomentProblem::kRange);
    two_digits_ = year.size() <= 2;
  }

  // What words like "January" left: "January 8, 1999", "8 January 1999".
  bool place_numbers() {
    if (!month_ || year_ || day_ || numbers_.size() != 2) return false;
    const bool year_first = numbers_[0].size() >= 3;
    place_year(numbers_[year_first ? 0 : 1]);
    day_ = number_of(numbers_[year_first ? 1 : 0]);
    return day_.has_value();
  }

  static std::int64_t fraction_of(std::string_view digits) {
    const std::string text = "0." + std::string(digits);
    return std::llrint(std::strtod(text.c_str(), nullptr) * 1e6);
  }

  void clock(std::string_view first) {
    std::int64_t parts[3] = {number_of(first).value_or(kPerhapsLate), 0, 0};
    std::size_t count = 1;
    while (count < 3 && at_ < text_.size() && text_[at_] == ':') {
      ++at_;
      const auto part = number_of(take_while(digit));
      if (!part) return refuse();
      parts[count++] = *part;
    }
    std::int64_t micros = 0;
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      micros = fraction_of(take_while(digit));
      if (count == 2) return refuse(MomentProblem::kSyntax);
    }
    set_time(parts, micros);
  }

  void set_time(const std::int64_t (&parts)[3], std::int64_t micros) {
    if (time_) return refuse();
    if (parts[1] > 59 || parts[2] > 60 || parts[0] > 24) return refuse(MomentProblem::kRange);
    time_ = ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * kMicrosPerSecond + micros;
    hour_ = parts[0];
  }

  void offset() {
    const bool negative = text_[at_++] == '-';
    if (!time_ || zone_) return refuse();
    std::int64_t parts[3] = {0, 0, 0};
    const std::string_view first = take_while(digit);
    const auto number = number_of(first);
    if (!number || first.size() > 4) return refuse();
    const bool compact = first.size() > 2;
    parts[0] = compact ? *number / 100 : *number;
    parts[1] = compact ? *number % 100 : 0;
    for (std::size_t i = 1; i < 3 && !compact && at_ < text_.size() && text_[at_] == ':'; ++i) {
      ++at_;
      const auto part = number_of(take_while(digit));
      if (!part) return refuse();
      parts[i] = *part;
    }
    if (parts[0] > 15 || parts[1] > 59 || parts[2] > 59) return refuse(MomentProblem::kZone);
    const std::int64_t seconds = (parts[0] * 60 + parts[1]) * 60 + parts[2];
    zone_ = Zone::fixed(negative ? -seconds : seconds);
  }

  void word() {
    const std::size_t start = at_;
    const std::string_view name = take_while(letter);
    if (name == "t" && has_date() && !time_ && !time_expected_) {
      time_marker_ = true;
    } else if (name == "j" && at_ < text_.size() && digit(text_[at_]) && !has_date()) {
      julian(take_while(digit));
    } else if (name == "am" || name == "pm") {
      if (afternoon_ || hour_ > 12) return refuse(MomentProblem::kRange);
      afternoon_ = name == "pm";
    } else if (name == "ad" || name == "bc") {
      before_christ_ = name == "bc";
    } else if (const std::int64_t month = month_named(name); month != 0 && !month_) {
      month_by_name_ = true;
      const bool delimited =
          at_ + 1 < text_.size() && (text_[at_] == '-' || text_[at_] == '/') && digit(text_[at_ + 1]);
      if (delimited) return separated(start, text_[at_]);
      month_ = month;
    } else if (is_weekday(name)) {
      weekday_ = true;
    } else {
      at_ = start;
      zone_word();
    }
  }

  void julian(std::string_view digits) {
    const auto day = number_of(digits);
    if (!day) return refuse(MomentProblem::kRange);
    days_ = *day - julian_day(0);
  }

  void zone_word() {
    const std::string_view name = take_while(
        [](char c) { return letter(c) || digit(c) || c == '/' || c == '_' || c == '-' || c == '+'; });
    auto zone = Zone::named(name);
    if (!zone || zone_) return refuse();
    zone_ = *zone;
  }

  bool settle_date() {
    if (days_) return true;
    if (!year_ || !month_ || !day_) {
      refuse(MomentProblem::kSyntax);
      return false;
    }
    std::int64_t year = *year_;
    if (before_christ_.value_or(false)) {
      if (year <= 0) return false;
      year = 1 - year;
    } else if (two_digits_ && year < 100) {
      year += year < 70 ? 2000 : 1900;
    } else if (year <= 0) {
      return false;
    }
    if (!is_civil_date(year, *month_, *day_)) return false;
    days_ = days_of(CivilDate{year, static_cast<unsigned>(*month_), static_cast<unsigned>(*day_)});
    return true;
  }

  bool settle_time() {
    if (!time_) return !afternoon_ && !time_marker_;
    constexpr std::int64_t kHour = 3600 * kMicrosPerSecond;
    if (afternoon_) {
      if (hour_ > 12) return false;
      if (*afternoon_ && hour_ != 12) *time_ += 12 * kHour;
      if (!*afternoon_ && hour_ == 12) *time_ -= 12 * kHour;
    }
    return *time_ <= kMicrosPerDay;
  }

  static constexpr std::int64_t kPerhapsLate = 99;

  std::string text_;
  bool time_expected_;  // digits are a time, as behind a 'T'
  std::size_t at_ = 0;
  MomentProblem problem_ = MomentProblem::kNone;
  std::vector<std::string_view> numbers_;
  std::optional<std::int64_t> year_, month_, day_, days_, time_;
  std::int64_t hour_ = 0;
  bool two_digits_ = false;
  bool time_marker_ = false;
  bool weekday_ = false;
  bool month_by_name_ = false;
  std::optional<bool> afternoon_, before_christ_;
  std::shared_ptr<const Zone> zone_;
};

}  // namespace

MomentFields read_moment(std::string text, bool time_expected) {
  return MomentReader(std::move(text), time_expected).read();
}

}  // namespace penstock::expression
