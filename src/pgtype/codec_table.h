// What each PostgreSQL type becomes, as one table; docs/types.md is printed from it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pgtype/builtin_types.h"

namespace penstock::pgtype {

struct CodecRow {
  std::vector<Family> families;
  const char* types;       // as people write them
  const char* value_kind;  // kind_name() of the value
  const char* bson;
  const char* note;  // may be empty
};
std::span<const CodecRow> codec_table();

// The whole of docs/types.md.
std::string types_markdown();

}  // namespace penstock::pgtype
