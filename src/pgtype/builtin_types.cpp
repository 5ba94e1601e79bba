#include "pgtype/builtin_types.h"

#include <algorithm>
#include <array>

namespace penstock::pgtype {
namespace {

struct Builtin {
  std::uint32_t oid;
  std::uint32_t array_oid;
  Family family;
  const char* name;
  std::uint32_t element = 0;
  char delimiter = ',';
};

constexpr Builtin kBuiltins[] = {
    {16, 1000, Family::kBool, "bool"},
    {17, 1001, Family::kBytes, "bytea"},
    {18, 1002, Family::kText, "char"},
    {19, 1003, Family::kText, "name"},
    {20, 1016, Family::kInt64, "int8"},
    {21, 1005, Family::kInt32, "int2"},
    {22, 1006, Family::kVector, "int2vector", 21},
    {23, 1007, Family::kInt32, "int4"},
    {24, 1008, Family::kText, "regproc"},
    {25, 1009, Family::kText, "text"},
    {26, 1028, Family::kInt64, "oid"},
    {27, 1010, Family::kText, "tid"},
    {28, 1011, Family::kText, "xid"},
    {29, 1012, Family::kText, "cid"},
    {30, 1013, Family::kVector, "oidvector", 26},
    {114, 199, Family::kJson, "json"},
    {142, 143, Family::kText, "xml"},
    {600, 1017, Family::kText, "point"},
    {601, 1018, Family::kText, "lseg"},
    {602, 1019, Family::kText, "path"},
    {603, 1020, Family::kText, "box", 0, ';'},
    {604, 1027, Family::kText, "polygon"},
    {628, 629, Family::kText, "line"},
    {650, 651, Family::kText, "cidr"},
    {700, 1021, Family::kFloat, "float4"},
    {701, 1022, Family::kFloat, "float8"},
    {718, 719, Family::kText, "circle"},
    {774, 775, Family::kText, "macaddr8"},
    {790, 791, Family::kText, "money"},
    {829, 1040, Family::kText, "macaddr"},
    {869, 1041, Family::kText, "inet"},
    {1033, 1034, Family::kText, "aclitem"},
    {1042, 1014, Family::kText, "bpchar"},
    {1043, 1015, Family::kText, "varchar"},
    {1082, 1182, Family::kDate, "date"},
    {1083, 1183, Family::kTime, "time"},
    {1114, 1115, Family::kTimestamp, "timestamp"},
    {1184, 1185, Family::kTimestampTz, "timestamptz"},
    {1186, 1187, Family::kInterval, "interval"},
    {1266, 1270, Family::kTime, "timetz"},
    {1560, 1561, Family::kText, "bit"},
    {1562, 1563, Family::kText, "varbit"},
    {1700, 1231, Family::kNumeric, "numeric"},
    {1790, 2201, Family::kText, "refcursor"},
    {2202, 2207, Family::kText, "regprocedure"},
    {2203, 2208, Family::kText, "regoper"},
    {2204, 2209, Family::kText, "regoperator"},
    {2205, 2210, Family::kText, "regclass"},
    {2206, 2211, Family::kText, "regtype"},
    {2950, 2951, Family::kUuid, "uuid"},
    {2970, 2949, Family::kText, "txid_snapshot"},
    {3220, 3221, Family::kText, "pg_lsn"},
    {3614, 3643, Family::kText, "tsvector"},
    {3615, 3645, Family::kText, "tsquery"},
    {3734, 3735, Family::kText, "regconfig"},
    {3769, 3770, Family::kText, "regdictionary"},
    {3802, 3807, Family::kJson, "jsonb"},
    {3904, 3905, Family::kRange, "int4range", 23},
    {3906, 3907, Family::kRange, "numrange", 1700},
    {3908, 3909, Family::kRange, "tsrange", 1114},
    {3910, 3911, Family::kRange, "tstzrange", 1184},
    {3912, 3913, Family::kRange, "daterange", 1082},
    {3926, 3927, Family::kRange, "int8range", 20},
    {4072, 4073, Family::kText, "jsonpath"},
    {4089, 4090, Family::kText, "regnamespace"},
    {4096, 4097, Family::kText, "regrole"},
    {4191, 4192, Family::kText, "regcollation"},
    {4451, 6150, Family::kMultirange, "int4multirange", 3904},
    {4532, 6151, Family::kMultirange, "nummultirange", 3906},
    {4533, 6152, Family::kMultirange, "tsmultirange", 3908},
    {4534, 6153, Family::kMultirange, "tstzmultirange", 3910},
    {4535, 6155, Family::kMultirange, "datemultirange", 3912},
    {4536, 6157, Family::kMultirange, "int8multirange", 3926},
    {5038, 5039, Family::kText, "pg_snapshot"},
    {5069, 271, Family::kText, "xid8"},
};

char kind_of(Family family) {
  switch (family) {
    case Family::kRange:
      return 'r';
    case Family::kMultirange:
      return 'm';
    default:
      return 'b';
  }
}

TypeInfo to_info(const Builtin& builtin) {
  TypeInfo type;
  type.oid = builtin.oid;
  type.name = builtin.name;
  type.schema = "pg_catalog";
  type.kind = kind_of(builtin.family);
  type.element = builtin.element;
  return type;
}

TypeInfo array_of(const Builtin& builtin) {
  TypeInfo type;
  type.oid = builtin.array_oid;
  type.name = std::string("_") + builtin.name;
  type.schema = "pg_catalog";
  type.category = 'A';
  type.element = builtin.oid;
  type.delimiter = builtin.delimiter;
  return type;
}

}  // namespace

std::optional<TypeInfo> builtin_type(std::uint32_t oid) {
  for (const Builtin& builtin : kBuiltins) {
    if (builtin.oid == oid) return to_info(builtin);
    if (builtin.array_oid == oid) return array_of(builtin);
  }
  return std::nullopt;
}

Family family_of(const TypeInfo& type) {
  const auto* builtin = std::find_if(std::begin(kBuiltins), std::end(kBuiltins),
                                     [&](const Builtin& candidate) { return candidate.oid == type.oid; });
  if (builtin != std::end(kBuiltins)) return builtin->family;
  switch (type.kind) {
    case 'c':
      return Family::kComposite;
    case 'd':
      return Family::kDomain;
    case 'r':
      return Family::kRange;
    case 'm':
      return Family::kMultirange;
    default:
      break;
  }
  if (type.category == 'A' && type.element != 0) return Family::kArray;
  return type.kind == 'b' && type.name == "hstore" ? Family::kHstore : Family::kText;
}

}  // namespace penstock::pgtype
