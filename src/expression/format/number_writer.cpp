#include "expression/format/number_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "expression/text/character_class.h"

namespace penstock::expression {
namespace {

// Where digits run out (a double has 15) PostgreSQL's text ends, whatever the template still has.
constexpr char kEnd = '\0';
constexpr std::size_t kNowhere = std::string::npos;

class NumberWriter {
 public:
  NumberWriter(NumberPlan plan, const NumberDigits& number)
      : plan_(std::move(plan)), number_(number.text), spaces_(number.spaces), sign_(number.sign) {}

  std::string write() {
    if (plan_.zero_start > 0) --plan_.zero_start;
    if (plan_.roman) forget_digits();
    settle_sign();
    count();
    for (const PatternNode& node : plan_.nodes) {
      if (node.field == PatternNode::kText) {
        out_ += node.text;
      } else {
        field(node);
      }
    }
    out_.resize(std::min(out_.find(kEnd), out_.size()));
    return std::move(out_);
  }

 private:
  // Of a roman number only what stands around it is left.
  void forget_digits() {
    const bool fill = plan_.fill;
    std::vector<PatternNode> nodes = std::move(plan_.nodes);
    plan_ = NumberPlan{};
    plan_.nodes = std::move(nodes);
    plan_.fill = fill;
    plan_.roman = true;
    spaces_ = 0;
    sign_ = 0;
  }

  void settle_sign() {
    if (plan_.plus || plan_.minus) {
      sign_written_ = !(plan_.plus && !plan_.minus);
      return;
    }
    if (sign_ != '-' && plan_.fill) plan_.bracket = false;
    sign_written_ = sign_ == '+' && plan_.fill && !plan_.sign;
    const bool before = plan_.sign_place == NumberPlan::SignPlace::kBefore;
    if (before && plan_.before == plan_.digits_before_sign) plan_.sign_place = NumberPlan::SignPlace::kBehind;
  }

  void count() {
    places_ = plan_.after + plan_.before - 1;
    if (plan_.fill && plan_.decimal) last_relevant_ = last_digit_that_counts();
    if (!sign_written_ && spaces_ == 0) ++places_;
  }
  // Where trailing zeros begin to be left out, but not those that the template asks for with '0'.
  std::size_t last_digit_that_counts() const {
    const std::size_t point = number_.find('.');
    if (point == kNowhere) return kNowhere;
    std::size_t last = std::max(number_.find_last_not_of('0'), point);
    if (plan_.zero_end > spaces_) {
      const auto asked = static_cast<std::size_t>(plan_.zero_end - spaces_);
      last = std::max(last, std::min(number_.size() - 1, asked));
    }
    return last;
  }
  bool nothing_behind_point() const { return last_relevant_ != kNowhere && number_[last_relevant_] == '.'; }

  void field(const PatternNode& node) {
    switch (node.field) {
      case kNine:
      case kZero:
      case kPoint:
        if (!plan_.roman) digit(node.field);
        break;
      case kComma:
      case kGroup:
        if (inside_) {
          out_ += ',';
        } else if (!plan_.fill) {
          out_ += ' ';
        }
        break;
      case kCurrency:
        out_ += ' ';
        break;
      case kRoman: {
        const std::string text = node.name == "rn" ? lower_text(number_) : number_;
        out_ += fmt::format("{:>{}}", text, plan_.fill ? 0 : 15);
        break;
      }
      case kOrdinal:
        if (!plan_.roman && number_[0] != '#' && sign_ != '-' && !plan_.decimal)
          out_ += ordinal_of(number_, node.name == "TH");
        break;
      case kMinus:
        one_sign('-');
        break;
      case kPlus:
        one_sign('+');
        break;
      case kPlusOrMinus:
        if (sign_ != 0) out_ += sign_;
        break;
      default:
        break;
    }
  }
  void one_sign(char which) {
    if (sign_ == which) {
      out_ += which;
    } else if (!plan_.fill) {
      out_ += ' ';
    }
  }

  // "9.9" prints 0.1 as ".1".
  bool is_space_before_point() const {
    return !plan_.zero && at_ == 0 && number_.starts_with('0') && plan_.after != 0;
  }

  void leading_sign() {
    const bool number_begins = place_ >= spaces_ || (plan_.zero && plan_.zero_start == place_);
    if (sign_written_ || !number_begins || (is_space_before_point() && !nothing_behind_point())) return;
    if (plan_.sign) {
      if (plan_.sign_place != NumberPlan::SignPlace::kBefore) return;
      out_ += sign_;
    } else if (plan_.bracket) {
      out_ += sign_ == '+' ? ' ' : '<';
    } else if (sign_ == '-') {
      out_ += '-';
    } else if (!plan_.fill) {
      out_ += ' ';
    }
    sign_written_ = true;
  }

  void digit(int field) {
    inside_ = false;
    leading_sign();
    if (place_ < spaces_ && (plan_.zero_start > place_ || !plan_.zero)) {
      if (!plan_.fill) out_ += ' ';
    } else if (plan_.zero && place_ < spaces_) {
      out_ += '0';
      inside_ = true;
    } else {
      next_of_number(field);
    }
    trailing_sign();
    ++place_;
  }

  void next_of_number(int field) {
    const bool more = at_ < number_.size();
    if (more && number_[at_] == '.') {
      if (!nothing_behind_point() || plan_.fill) out_ += '.';
    } else if (last_relevant_ != kNowhere && at_ > last_relevant_ && field != kZero) {
      // left out
    } else if (is_space_before_point()) {
      if (!plan_.fill) {
        out_ += ' ';
      } else if (nothing_behind_point()) {
        out_ += '0';
      }
    } else {
      out_ += more ? number_[at_] : kEnd;
      inside_ = true;
    }
    if (more) ++at_;
  }

  void trailing_sign() {
    int end = places_ + (spaces_ != 0 ? 1 : 0) + (plan_.decimal ? 1 : 0);
    if (last_relevant_ != kNowhere && last_relevant_ == at_) end = place_;
    if (place_ + 1 != end) return;
    if (sign_written_ && plan_.bracket) {
      out_ += sign_ == '+' ? ' ' : '>';
    } else if (plan_.sign && plan_.sign_place == NumberPlan::SignPlace::kBehind) {
      out_ += sign_;
    }
  }

  NumberPlan plan_;
  std::string number_;
  int spaces_;
  char sign_;
  bool sign_written_ = false;
  bool inside_ = false;  // a digit was written for the last place
  int place_ = 0;        // of the template's digits
  int places_ = 0;
  std::size_t at_ = 0;  // in number_
  std::size_t last_relevant_ = kNowhere;
  std::string out_;
};

}  // namespace

std::string write_number(NumberPlan plan, const NumberDigits& number) {
  return NumberWriter(std::move(plan), number).write();
}

}  // namespace penstock::expression
