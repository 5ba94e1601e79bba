#include "pgtype/codec_table.h"

namespace penstock::pgtype {
namespace {

const std::vector<CodecRow>& rows() {
  static const std::vector<CodecRow> table = {
      {{Family::kBool}, "boolean", "bool", "bool", ""},
      {{Family::kInt32}, "smallint, integer", "int32", "int32", ""},
      {{Family::kInt64}, "bigint, oid", "int64", "int64", ""},
      {{Family::kFloat},
       "real, double precision",
       "double",
       "double",
       "real by its shortest text: 0.1 stays 0.1; NaN, ±Infinity and -0 are kept"},
      {{Family::kNumeric},
       "numeric",
       "decimal",
       "Decimal128, else string",
       "Decimal128 with its scale (10.50 stays 10.50) when 34 digits and the exponent hold the value "
       "exactly; zeros at "
       "the end of a fraction are left off where only they are too many; any other numeric is a string, and "
       "counted. "
       "NaN and ±Infinity are kept"},
      {{Family::kText},
       "text, varchar, char(n), citext, enum, xml, money, tsvector, inet, cidr, macaddr, bit, geometric "
       "types, and any "
       "type not named here",
       "text",
       "string",
       "as PostgreSQL prints it"},
      {{Family::kBytes}, "bytea", "bytes", "binary, subtype 0", ""},
      {{Family::kUuid}, "uuid", "uuid", "binary, subtype 4", ""},
      {{Family::kDate}, "date", "date", "Date", "midnight UTC; ±infinity: string"},
      {{Family::kTimestamp, Family::kTimestampTz},
       "timestamp, timestamptz",
       "timestamp",
       "Date",
       "UTC, floored to milliseconds, also before 1970; ±infinity: string; `as: string` keeps microseconds"},
      {{Family::kTime}, "time, timetz", "time", "string", "as PostgreSQL prints it"},
      {{Family::kInterval}, "interval", "interval", "string", "as PostgreSQL prints it"},
      {{Family::kJson},
       "json, jsonb",
       "json",
       "document, array or scalar",
       "integers are int32 or int64; other numbers double where its shortest text has the same value, else "
       "Decimal128, "
       "else (more than 34 digits) string, and counted; the order of keys is kept, also repeated keys of "
       "json"},
      {{Family::kHstore}, "hstore", "struct", "document", "of strings and nulls"},
      {{Family::kComposite}, "composite types", "struct", "document", "one field for each attribute"},
      {{Family::kRange},
       "ranges",
       "range",
       "document",
       "`{lower, upper, lower_inclusive, upper_inclusive, empty}`; an absent bound is null"},
      {{Family::kArray, Family::kVector, Family::kMultirange},
       "arrays of any depth, int2vector, oidvector, multiranges",
       "array",
       "array",
       "lower bounds are ignored; elements may be null"},
      {{Family::kDomain}, "domains", "of the base type", "of the base type", ""},
  };
  return table;
}

constexpr const char* kBegin = R"(# Types: PostgreSQL to BSON

This page is printed from the table in `src/pgtype/codec_table.cpp`.

| PostgreSQL | value | BSON | |
|---|---|---|---|
)";

constexpr const char* kEnd = R"(| NULL | null | null | |
| a TOAST value the UPDATE left alone | unchanged | the field is left as it is | |

What cannot be decoded or converted is an error that names table, column, type and value. Nothing is ever cut, rounded
or replaced by a default in silence. A document of more than 16 MiB, or with more than 179 levels of documents and
arrays inside a field, is refused, because MongoDB cannot hold it; so is a JSON key that contains the character U+0000.

## Keys

In `_id` no two rows may meet, so some values look different there:

| value | in `_id` |
|---|---|
| timestamp or timestamptz finer than milliseconds | string `2024-01-01T00:00:00.123456Z`, always with six digits; a whole millisecond stays a Date. Years outside 0 to 9999 have a sign and 1 BC is year 0000: `-0043-03-15T…`, `+12345-01-01T…` |
| array, also a JSON array | string, as PostgreSQL prints it |
| JSON string that begins with `[` or `"` | string, as PostgreSQL prints it (in quotes), so that it is no array's text |
| numeric as a string (by `as: string`, or because no Decimal128 holds it) | without zeros at the end of its fraction |
| a conversion by `as:` that would lose something | error |
| NULL | error |
| key of several columns | document `{column: value, …}` in key order |

MongoDB refuses names that begin with `$` inside `_id`, so such a key column needs another name by `id:`.

## Conversions by `as:`

`as:` picks the BSON type of a column. A conversion keeps the value, or it is an error; the one exception is
`as: double` of a numeric, which takes the nearest double. NULL stays null, and an array is converted element by element
(`as: string` makes one string of it). A JSON number, `true`, `false` or `null` is converted like the column of that
kind.

| `as:` | takes |
|---|---|
| `int`, `long` | whole numbers in range from any number type; boolean as 0 or 1; text that is written as such a number is |
| `double` | integers that a double holds exactly; numeric, rounded to the nearest double (never to 0 or infinity); text whose number the double's shortest text equals |
| `decimal` | integers, numeric and doubles (by their shortest text) that Decimal128 holds exactly; text that is a number |
| `string` | everything, as PostgreSQL prints it; boolean as `true` or `false`; microseconds are kept |
| `bool` | boolean; the numbers 0 and 1; the texts `t`, `f`, `true`, `false` |
| `date` | date and timestamps, floored to milliseconds; text `2024-01-31`, `2024-01-31 23:59:59.999`, `2024-01-31T23:59:59.999Z` of at most milliseconds; no infinity |
| `binary` | bytea (subtype 0), uuid (subtype 4), text (its UTF-8 bytes, subtype 0) |
| `objectId` | text of 24 lower-case hex digits, bytea of 12 bytes |
| `json` | json, jsonb, and text that is JSON |
)";

}  // namespace

std::span<const CodecRow> codec_table() { return rows(); }

std::string types_markdown() {
  std::string out = kBegin;
  for (const CodecRow& row : rows()) {
    out.append("| ").append(row.types).append(" | ").append(row.value_kind).append(" | ");
    out.append(row.bson).append(" | ").append(row.note).append(row.note[0] == '\0' ? "|\n" : " |\n");
  }
  return out + kEnd;
}

}  // namespace penstock::pgtype
