// The groups of json functions that json_functions() puts together (PostgreSQL manual: "JSON Functions and
// Operators").
#pragma once

#include "expression/function.h"

namespace penstock::expression {

std::vector<Function> json_paths();  // -> ->> #> #>> and their functions
std::vector<Function> json_casts();
std::vector<Function> json_builders();  // to_jsonb, jsonb_build_object

}  // namespace penstock::expression
