// The types that casts name.
#pragma once

#include "base/result.h"
#include "expression/syntax.h"

namespace penstock::expression {

// `name` is a TypeName: "numeric(12,2)", "text[]". kConfiguration without a place: unknown types with the
// nearest known name, modifiers out of bounds.
Result<Type> resolve_type_name(const Tree& name, const Source& source);

}  // namespace penstock::expression
