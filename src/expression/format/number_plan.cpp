#include "expression/format/number_plan.h"

namespace penstock::expression {
namespace {

constexpr Keyword kKeywords[] = {
    {",", kComma},    {".", kPoint},    {"0", kZero},     {"9", kNine},
    {"B", kNothing},  {"C", kNothing},  {"D", kPoint},    {"EEEE", kScientific},
    {"FM", kFill},    {"G", kGroup},    {"L", kCurrency}, {"MI", kMinus},
    {"PL", kPlus},    {"PR", kBracket}, {"RN", kRoman},   {"SG", kPlusOrMinus},
    {"SP", kNothing}, {"S", kSign},     {"TH", kOrdinal}, {"V", kShift},
    {"b", kNothing},  {"c", kNothing},  {"d", kPoint},    {"eeee", kScientific},
    {"fm", kFill},    {"g", kGroup},    {"l", kCurrency}, {"mi", kMinus},
    {"pl", kPlus},    {"pr", kBracket}, {"rn", kRoman},   {"sg", kPlusOrMinus},
    {"sp", kNothing}, {"s", kSign},     {"th", kOrdinal}, {"v", kShift},
};

constexpr const char* kSignsTogether = "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together";

// Takes one field after the other into the plan; the message of what is wrong, or null.
class Planner {
 public:
  explicit Planner(NumberPlan& plan) : plan_(plan) {}

  const char* take(const PatternNode& node) {
    if (plan_.scientific) return "\"EEEE\" must be the last pattern used";
    switch (node.field) {
      case kNine:
        return nine();
      case kZero:
        return zero();
      case kPoint:
        return point();
      case kSign:
        return sign();
      case kMinus:
      case kPlus:
      case kPlusOrMinus:
        if (plan_.sign) return kSignsTogether;
        plan_.minus = plan_.minus || node.field != kPlus;
        plan_.plus = plan_.plus || node.field != kMinus;
        return nullptr;
      case kBracket:
        if (plan_.sign || plan_.plus || plan_.minus)
          return "cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together";
        plan_.bracket = true;
        return nullptr;
      default:
        return others(node);
    }
  }

 private:
  const char* nine() {
    if (plan_.bracket) return "\"9\" must be ahead of \"PR\"";
    if (plan_.multiply) {
      ++plan_.shift;
    } else {
      ++(plan_.decimal ? plan_.after : plan_.before);
    }
    return nullptr;
  }
  const char* zero() {
    if (plan_.bracket) return "\"0\" must be ahead of \"PR\"";
    if (!plan_.zero && !plan_.decimal) {
      plan_.zero = true;
      plan_.zero_start = plan_.before + 1;
    }
    ++(plan_.decimal ? plan_.after : plan_.before);
    plan_.zero_end = plan_.before + plan_.after;
    return nullptr;
  }
  const char* point() {
    if (plan_.decimal) return "multiple decimal points";
    if (plan_.multiply) return "cannot use \"V\" and decimal point together";
    plan_.decimal = true;
    return nullptr;
  }
  const char* sign() {
    if (plan_.sign) return "cannot use \"S\" twice";
    if (plan_.plus || plan_.minus || plan_.bracket) return kSignsTogether;
    plan_.sign = true;
    plan_.sign_place = plan_.decimal ? NumberPlan::SignPlace::kBehind : NumberPlan::SignPlace::kBefore;
    plan_.digits_before_sign = plan_.before;
    return nullptr;
  }
  const char* others(const PatternNode& node) {
    const bool blank = node.field == kNothing && (node.name == "B" || node.name == "b");
    if (blank && plan_.before == 0 && plan_.after == 0 && !plan_.zero) plan_.blank = true;
    if (node.field == kFill) plan_.fill = true;
    if (node.field == kRoman) plan_.roman = true;
    if (node.field == kShift) {
      if (plan_.decimal) return "cannot use \"V\" and decimal point together";
      plan_.multiply = true;
    }
    if (node.field == kScientific) {
      if (plan_.blank || plan_.fill || plan_.sign || plan_.bracket || plan_.minus || plan_.plus ||
          plan_.roman || plan_.multiply)
        return "\"EEEE\" is incompatible with other formats";
      plan_.scientific = true;
    }
    return nullptr;
  }

  NumberPlan& plan_;
};

}  // namespace

Result<NumberPlan> plan_number(std::string_view pattern) {
  NumberPlan plan;
  plan.nodes = parse_pattern(pattern, kKeywords, false);
  Planner planner(plan);
  for (const PatternNode& node : plan.nodes) {
    if (node.field == PatternNode::kText) continue;
    if (const char* wrong = planner.take(node)) return fail(ErrorKind::kBadValue, wrong);
  }
  return plan;
}

}  // namespace penstock::expression
