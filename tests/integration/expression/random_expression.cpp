#include "integration/expression/random_expression.h"

#include <algorithm>
#include <map>

#include "expression/types.h"
#include "integration/expression/argument_pools.h"
#include "integration/expression/oracle.h"

namespace penstock::expression {
namespace {

constexpr std::uint32_t kTypes[] = {oid::kBool,        oid::kInt2,      oid::kInt4,        oid::kInt8,
                                    oid::kFloat4,      oid::kFloat8,    oid::kNumeric,     oid::kText,
                                    oid::kVarchar,     oid::kBpchar,    oid::kDate,        oid::kTimestamp,
                                    oid::kTimestampTz, oid::kInterval,  oid::kTime,        oid::kUuid,
                                    oid::kInt4Array,   oid::kTextArray, oid::kNumericArray};
constexpr std::uint32_t kNumbers[] = {oid::kInt2,   oid::kInt4,   oid::kInt8,
                                      oid::kFloat4, oid::kFloat8, oid::kNumeric};
constexpr std::uint32_t kStrings[] = {oid::kText, oid::kVarchar, oid::kBpchar};
constexpr std::uint32_t kMoments[] = {oid::kDate, oid::kTimestamp, oid::kTimestampTz};

bool is_operator(std::string_view name) {
  return name.find_first_not_of("+-*/<>=~!@#%^&|`?") == std::string_view::npos;
}

// PostgreSQL 15 lets the counts of the one run over and takes infinities for numbers in the other; later
// versions do not.
bool differs_between_versions(const Function& function) {
  return function.name == "make_interval" || function.name == "age";
}

// Formats and names of zones are not any texts: what PostgreSQL makes of those is tried by the single
// functions.
bool wants_meaning(const Function& function) {
  return function.name == "to_char" || function.name == "timezone";
}

std::string pool_name(const Function& function) {
  if (function.name != "to_char") return std::string(function.name);
  const char category = category_of(function.arguments[0]);
  return category == 'D' ? "to_char moment" : category == 'T' ? "to_char interval" : "to_char number";
}

// By the type of their result; pseudo-types apart.
const std::map<std::uint32_t, std::vector<const Function*>>& by_result() {
  static const auto index = [] {
    std::map<std::uint32_t, std::vector<const Function*>> made;
    for (const Function& function : functions()) {
      const bool usable =
          function.name != "::" && !differs_between_versions(function) &&
          std::none_of(function.arguments.begin(), function.arguments.end(), [](std::uint32_t type) {
            return type != oid::kAnyElement && type != oid::kAnyArray && find_type(type) == nullptr &&
                   !is_array(type);
          });
      if (usable) made[function.result].push_back(&function);
    }
    return made;
  }();
  return index;
}

std::string type_name(std::uint32_t type) { return to_string(Type{type}); }

}  // namespace

bool is_far_off(const std::string& text) {
  constexpr std::string_view kFar[] = {"178000000", "2147483647 d", "2147483648 d", "2500000000:", "294276-",
                                       "294277-",   "294247-",      "4714-11",      "5874897-"};
  return std::any_of(std::begin(kFar), std::end(kFar),
                     [&](std::string_view far) { return text.find(far) != std::string::npos; });
}

std::uint32_t RandomExpression::any_type() { return kTypes[up_to(std::size(kTypes))]; }

std::uint32_t RandomExpression::related(std::uint32_t type) {
  if (std::count(std::begin(kNumbers), std::end(kNumbers), type) > 0)
    return kNumbers[up_to(std::size(kNumbers))];
  if (std::count(std::begin(kStrings), std::end(kStrings), type) > 0)
    return kStrings[up_to(std::size(kStrings))];
  if (std::count(std::begin(kMoments), std::end(kMoments), type) > 0)
    return kMoments[up_to(std::size(kMoments))];
  return type;
}

std::string RandomExpression::column(std::uint32_t type) {
  std::vector<std::string> fitting;
  for (const Scope::Column& one : columns_) {
    if (one.type.oid == type) fitting.push_back(one.name);
  }
  if (!fitting.empty()) return fitting[up_to(fitting.size())];
  return "nullif(c_text, c_text)::" + type_name(type);
}

std::string RandomExpression::literal(std::uint32_t type) {
  static const std::map<std::uint32_t, std::uint32_t> kPoolOf = {{oid::kVarchar, oid::kText},
                                                                 {oid::kBpchar, oid::kText}};
  const auto found = kPoolOf.find(type);
  std::vector<std::string> pool = pool_of(found == kPoolOf.end() ? type : found->second);
  std::erase_if(pool, is_far_off);
  if (pool.empty()) return column(type);
  const std::string& text = pool[up_to(pool.size())];
  const bool is_number = text.find_first_not_of("0123456789.") == std::string::npos && !text.empty() &&
                         text.front() != '.' && text.back() != '.';
  const bool bare = std::count(std::begin(kNumbers), std::end(kNumbers), type) > 0 && is_number;
  if (bare && one_in(2)) return text;
  return quote_literal(text) + "::" + type_name(type);
}

// Of a call that has a column elsewhere.
std::string RandomExpression::argument(std::uint32_t type, int depth) {
  if (one_in(3)) return literal(type);
  return make(type, depth);
}

std::string RandomExpression::make(std::uint32_t type, int depth) {
  if (depth <= 0 || one_in(8)) return column(type);
  if (type == oid::kBool && one_in(2)) return boolean(depth - 1);
  if (is_array(type)) return array(type, depth - 1);
  switch (up_to(8)) {
    case 0:
      return conditional(type, depth - 1);
    case 1:
      return cast(type, depth - 1);
    case 2:
      return "(" + make(array_of(type), depth - 1) + ")[" + std::to_string(up_to(4)) + "]";
    default:
      return call(type, depth - 1);
  }
}

std::string RandomExpression::call(std::uint32_t type, int depth) {
  const auto found = by_result().find(type);
  if (found == by_result().end()) return column(type);
  const Function& function = *found->second[up_to(found->second.size())];
  std::vector<std::uint32_t> declared = function.arguments;
  for (std::size_t more = function.variadic ? up_to(3) : 0; more > 0; --more)
    declared.push_back(declared.back());
  const std::uint32_t element = one_in(2) ? oid::kInt4 : oid::kText;
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < declared.size(); ++i) {
    std::uint32_t wanted = declared[i];
    if (wanted == oid::kAnyElement) wanted = element;
    if (wanted == oid::kAnyArray) wanted = array_of(element);
    // Operands of other types show how overloads are chosen.
    if (is_operator(function.name) && one_in(3)) wanted = related(wanted);
    const auto& special = pool_of(pool_name(function), i);
    const bool of_pool = !special.empty() && (wanted == oid::kText || wanted == oid::kInt4);
    if (of_pool && (wants_meaning(function) || (i > 0 && !one_in(8)))) {
      arguments.push_back(quote_literal(special[up_to(special.size())]));
    } else {
      arguments.push_back(i == 0 ? make(wanted, depth) : argument(wanted, depth));
    }
  }
  return written(function, arguments);
}

std::string RandomExpression::written(const Function& function, const std::vector<std::string>& arguments) {
  const std::string name(function.name);
  if (is_operator(name)) {
    if (arguments.size() == 1) return "(" + name + " " + arguments[0] + ")";
    return "(" + arguments[0] + " " + name + " " + arguments[1] + ")";
  }
  std::string out = name + "(";
  for (std::size_t i = 0; i < arguments.size(); ++i) out += (i > 0 ? ", " : "") + arguments[i];
  return out + ")";
}

std::string RandomExpression::conditional(std::uint32_t type, int depth) {
  const std::string one = make(type, depth);
  const std::string other = argument(one_in(3) ? related(type) : type, depth);
  switch (up_to(5)) {
    case 0:
      return "coalesce(" + one + ", " + other + ")";
    case 1:
      return "nullif(" + one + ", " + other + ")";
    case 2:
      return "case when " + boolean(depth) + " then " + one + " else " + other + " end";
    case 3:
      return (one_in(2) ? "greatest(" : "least(") + one + ", " + other + ")";
    default: {
      const std::uint32_t of = any_type();
      return "case " + make(of, depth) + " when " + argument(of, depth) + " then " + one + " when " +
             argument(of, depth) + " then " + other + (one_in(2) ? " end" : " else null end");
    }
  }
}

std::string RandomExpression::cast(std::uint32_t type, int depth) {
  const std::uint32_t from = one_in(2) ? related(type) : any_type();
  std::string target = type_name(type);
  if (type == oid::kNumeric && one_in(2)) target = "numeric(12,2)";
  if (type == oid::kVarchar && one_in(2)) target = "varchar(3)";
  if (type == oid::kBpchar) target = one_in(2) ? "char(4)" : "bpchar";
  return "(" + make(from, depth) + ")::" + target;
}

std::string RandomExpression::boolean(int depth) {
  switch (up_to(7)) {
    case 0:
      return "(" + make(oid::kBool, depth) + " and " + make(oid::kBool, depth) + ")";
    case 1:
      return "(" + make(oid::kBool, depth) + " or " + make(oid::kBool, depth) + ")";
    case 2:
      return "(not " + make(oid::kBool, depth) + ")";
    case 3:
      return "(" + make(any_type(), depth) + (one_in(2) ? " is null)" : " is not null)");
    case 4: {
      static constexpr std::string_view kTests[] = {"true", "false", "unknown", "not true", "not false"};
      return "(" + make(oid::kBool, depth) + " is " + std::string(kTests[up_to(std::size(kTests))]) + ")";
    }
    case 5:
      return set_test(depth);
    default:
      return comparison(depth);
  }
}

std::string RandomExpression::comparison(int depth) {
  static constexpr std::string_view kTests[] = {
      "=", "<>", "<", "<=", ">", ">=", "is distinct from", "is not distinct from", "!="};
  const std::uint32_t type = any_type();
  const std::uint32_t other = one_in(2) ? related(type) : type;
  return "(" + make(type, depth) + " " + std::string(kTests[up_to(std::size(kTests))]) + " " +
         argument(other, depth) + ")";
}

std::string RandomExpression::set_test(int depth) {
  const std::uint32_t type = any_type();
  const std::string left = make(type, depth);
  if (one_in(3) && !is_array(type) && array_of(type) != 0) {
    static constexpr std::string_view kTests[] = {"= any", "<> all", "< any", ">= all"};
    return "(" + left + " " + std::string(kTests[up_to(std::size(kTests))]) + "(" +
           make(array_of(type), depth) + "))";
  }
  const std::string one = argument(related(type), depth);
  const std::string other = argument(type, depth);
  if (one_in(2)) {
    return "(" + left + (one_in(2) ? " not" : "") + " between " + (one_in(4) ? "symmetric " : "") + one +
           " and " + other + ")";
  }
  return "(" + left + (one_in(2) ? " not" : "") + " in (" + one + ", " + other + ", " + literal(type) + "))";
}

std::string RandomExpression::array(std::uint32_t type, int depth) {
  const std::uint32_t element = element_of(type);
  if (one_in(4)) return call(type, depth);
  if (one_in(3)) return conditional(type, depth);
  std::string out = "array[" + make(element, depth);
  for (std::size_t more = up_to(3); more > 0; --more) out += ", " + argument(related(element), depth);
  return out + "]";
}

}  // namespace penstock::expression
