// PostgreSQL's own types, known without asking the server: their OIDs never change (PostgreSQL source:
// pg_type.dat).
#pragma once

#include <cstdint>
#include <optional>

#include "pgtype/decoder.h"

namespace penstock::pgtype {

// How a type's text becomes a Value. One decoder each; see codec_table.h for what they mean in a document.
enum class Family : std::uint8_t {
  kBool,
  kInt32,
  kInt64,
  kFloat,
  kNumeric,
  kText,
  kBytes,
  kUuid,
  kDate,
  kTimestamp,
  kTimestampTz,
  kTime,
  kInterval,
  kJson,
  kHstore,
  kComposite,
  kRange,
  kMultirange,
  kArray,
  kVector,  // int2vector, oidvector: arrays printed with spaces
  kDomain,
};

// The built-in type (or array of one) with that OID.
std::optional<TypeInfo> builtin_type(std::uint32_t oid);

// Types that no decoder is named for are text, as PostgreSQL prints them.
Family family_of(const TypeInfo& type);

}  // namespace penstock::pgtype
