// Arrays and hstore as PostgreSQL prints them.
#pragma once

#include <string>

#include "model/value.h"

namespace penstock::envelope {

// "{1,NULL,\"a b\"}" (PostgreSQL manual: "Array Input and Output Syntax"). `real`: elements are real, not
// double precision.
void append_array_text(std::string& out, const Value* items, std::size_t size, bool real);
// `"a"=>"1", "b"=>NULL` (PostgreSQL manual: "hstore External Representation").
void append_hstore_text(std::string& out, const StructField* fields, std::size_t size);

}  // namespace penstock::envelope
