// Which type becomes which, and how (PostgreSQL manual: "Type Conversion"). Errors have PostgreSQL's words
// and no place; the caller adds it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "expression/node.h"

namespace penstock::expression {

enum class Coercion : std::uint8_t { kImplicit, kAssignment, kExplicit };

// Pseudo-types that stand in argument lists besides those in function.h.
inline constexpr std::uint32_t kAnyOid = 2276;  // of concat(variadic "any")

bool can_coerce(std::uint32_t from, std::uint32_t to, Coercion context);

// The node as `target`, with its modifier. kConfiguration: there is no such cast, or a literal is not of that
// type ('invalid input syntax for type integer: "x"').
Result<NodePtr> coerce(NodePtr node, Type target, Coercion context);

// The type that CASE, COALESCE and the like give to branches of these types: nothing when they have none in
// common. All unknown: text.
std::optional<std::uint32_t> common_type(std::span<const std::uint32_t> types);
// Likewise, with all nodes made that type. `what`: "CASE", for the message.
Result<Type> unify(std::vector<NodePtr*> nodes, const char* what);

// As a condition: `what` is "argument of AND".
Result<NodePtr> coerce_to_bool(NodePtr node, const std::string& what);
// A literal whose surroundings did not say what it is: text.
Result<NodePtr> settled(NodePtr node);

}  // namespace penstock::expression
