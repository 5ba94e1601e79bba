#include "expression/overload.h"

#include <algorithm>
#include <array>
#include <optional>

#include "expression/candidate_selection.h"
#include "expression/coercion.h"
#include "expression/function_node.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

using Types = std::span<const std::uint32_t>;

// `text || any`: the other side is no array and is written as text (PostgreSQL's anynonarray).
bool concatenates_any(const Function& function) {
  return function.name == "||" && function.result == oid::kText &&
         std::count(function.arguments.begin(), function.arguments.end(), oid::kAnyElement) == 1;
}

// Arrays are compared with arrays of the same type only (PostgreSQL's anyarray); other functions bring their
// arguments to a common one (anycompatiblearray).
bool wants_same_types(const Function& function) {
  constexpr std::string_view kNames[] = {"=", "<>", "<", "<=", ">", ">=", "@>", "<@", "&&"};
  return std::find(std::begin(kNames), std::end(kNames), function.name) != std::end(kNames);
}

constexpr std::uint32_t kFloat4Array = 1021;

// Arithmetic of numeric reads integers as they are (numeric_from_value()): a cast would only cost.
bool takes_any_number(const Function& function) {
  constexpr std::string_view kNames[] = {"+", "-", "*", "/", "%"};
  constexpr std::array<std::uint32_t, 2> kNumerics = {oid::kNumeric, oid::kNumeric};
  return std::equal(function.arguments.begin(), function.arguments.end(), kNumerics.begin(),
                    kNumerics.end()) &&
         std::find(std::begin(kNames), std::end(kNames), function.name) != std::end(kNames);
}
bool is_integer(std::uint32_t type) { return type == oid::kInt2 || type == oid::kInt4 || type == oid::kInt8; }

std::optional<Candidate> candidate_for(const Function& function, std::size_t count) {
  Candidate candidate{&function, function.arguments};
  if (function.variadic && !function.arguments.empty()) {
    std::uint32_t repeated = function.arguments.back();
    if (repeated == oid::kAnyElement) repeated = kAnyOid;
    candidate.arguments.pop_back();
    if (count < candidate.arguments.size()) return std::nullopt;
    candidate.arguments.resize(count, repeated);
  }
  if (candidate.arguments.size() != count) return std::nullopt;
  return candidate;
}

// What anyelement stands for in a call with these types; nothing when the arguments do not agree. 0: the
// function has no such argument.
std::optional<std::uint32_t> element_type(const Candidate& candidate, Types types) {
  std::vector<std::uint32_t> elements;
  bool polymorphic = false;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::uint32_t declared = candidate.arguments[i];
    if (declared != oid::kAnyElement && declared != oid::kAnyArray) continue;
    polymorphic = true;
    if (types[i] == oid::kUnknown) continue;
    const std::uint32_t element = declared == oid::kAnyArray ? element_of(types[i]) : types[i];
    if (element == 0) return std::nullopt;
    elements.push_back(element);
  }
  if (!polymorphic) return 0;
  if (elements.size() == 1) return elements[0];
  if (wants_same_types(*candidate.function)) {
    const bool same =
        std::all_of(elements.begin(), elements.end(), [&](auto one) { return one == elements[0]; });
    if (!same) return std::nullopt;
  }
  return common_type(elements);
}

bool accepts(const Candidate& candidate, Types types) {
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (!can_coerce(types[i], candidate.arguments[i], Coercion::kImplicit)) return false;
    const bool to_text = concatenates_any(*candidate.function) && candidate.arguments[i] == oid::kAnyElement;
    if (to_text && is_array(types[i])) return false;
  }
  return element_type(candidate, types).has_value();
}

// Pseudo-types replaced by the types of this call.
Choice settle(const Candidate& candidate, Types types) {
  Choice choice{Choice::Kind::kFound, candidate, candidate.function->result};
  const std::uint32_t element = element_type(candidate, types).value_or(0);
  const auto replace = [&](std::uint32_t& type) {
    if (type == oid::kAnyElement) type = element;
    if (type == oid::kAnyArray) type = array_of(element);
  };
  if (concatenates_any(*candidate.function)) {
    for (std::uint32_t& type : choice.candidate.arguments) type = oid::kText;
    return choice;
  }
  for (std::uint32_t& type : choice.candidate.arguments) replace(type);
  replace(choice.result);
  return choice;
}

std::vector<Candidate> candidates_of(std::span<const Function* const> functions, std::size_t count) {
  std::vector<Candidate> candidates;
  for (const Function* function : functions) {
    if (auto candidate = candidate_for(*function, count)) candidates.push_back(std::move(*candidate));
  }
  return candidates;
}

const Candidate* exact(const std::vector<Candidate>& candidates, Types types) {
  const auto found = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    return std::equal(types.begin(), types.end(), candidate.arguments.begin());
  });
  return found == candidates.end() ? nullptr : &*found;
}

Choice choose(std::vector<Candidate> candidates, Types types) {
  std::erase_if(candidates, [&](const Candidate& candidate) { return !accepts(candidate, types); });
  if (candidates.empty()) return {};
  if (candidates.size() == 1) return settle(candidates[0], types);
  const Candidate* best = select_candidate(candidates, types);
  if (best == nullptr) return {Choice::Kind::kAmbiguous, {}, 0};
  return settle(*best, types);
}

}  // namespace

Choice choose_function(std::span<const Function* const> functions, Types types) {
  std::vector<Candidate> candidates = candidates_of(functions, types.size());
  if (const Candidate* same = exact(candidates, types); same != nullptr) return settle(*same, types);
  return choose(std::move(candidates), types);
}

Choice choose_operator(std::span<const Function* const> functions, Types types) {
  std::vector<Candidate> candidates = candidates_of(functions, types.size());
  std::vector<std::uint32_t> assumed(types.begin(), types.end());
  if (types.size() == 2) {
    if (assumed[0] == oid::kUnknown) assumed[0] = assumed[1];
    if (assumed[1] == oid::kUnknown) assumed[1] = assumed[0];
  }
  if (const Candidate* same = exact(candidates, assumed); same != nullptr) return settle(*same, types);
  return choose(std::move(candidates), types);
}

Result<NodePtr> make_chosen_call(const Choice& choice, std::vector<NodePtr> arguments) {
  const Function& function = *choice.candidate.function;
  const bool any_number = takes_any_number(function);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::uint32_t from = arguments[i]->type().oid;
    std::uint32_t wanted = choice.candidate.arguments[i];
    Coercion context = concatenates_any(function) ? Coercion::kExplicit : Coercion::kImplicit;
    if (wanted == kAnyOid) {
      // Only the type tells how a real is written.
      const bool as_text = from == oid::kUnknown || (from == oid::kFloat4 && function.result == oid::kText);
      wanted = as_text ? std::uint32_t{oid::kText} : from;
      context = Coercion::kExplicit;
    }
    if (from == kFloat4Array && function.result == oid::kText &&
        choice.candidate.function->arguments[i] == oid::kAnyArray) {
      wanted = oid::kTextArray;  // array_to_string(): likewise
      context = Coercion::kExplicit;
    }
    if (wanted == from || (any_number && is_integer(from))) continue;
    PENSTOCK_ASSIGN(arguments[i], coerce(std::move(arguments[i]), Type{wanted}, context));
  }
  return make_call(function, std::move(arguments), Type{choice.result});
}

}  // namespace penstock::expression
