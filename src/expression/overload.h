// Which of the functions or operators of one name is meant (PostgreSQL manual: "Type Conversion", sections
// "Operators" and "Functions").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "expression/function.h"
#include "expression/node.h"

namespace penstock::expression {

// A function with one type for each argument of a call.
struct Candidate {
  const Function* function = nullptr;
  std::vector<std::uint32_t> arguments;
};

struct Choice {
  enum class Kind : std::uint8_t { kFound, kNone, kAmbiguous };
  Kind kind = Kind::kNone;
  Candidate candidate;  // with the pseudo-types replaced by what they stand for
  std::uint32_t result = 0;
};

// `types` are those of the arguments, oid::kUnknown for literals.
Choice choose_function(std::span<const Function* const> functions, std::span<const std::uint32_t> types);
// One or two operands. A literal is first tried as the other operand's type.
Choice choose_operator(std::span<const Function* const> functions, std::span<const std::uint32_t> types);

// The call with its arguments made what the choice wants. kConfiguration without a place.
Result<NodePtr> make_chosen_call(const Choice& choice, std::vector<NodePtr> arguments);

}  // namespace penstock::expression
