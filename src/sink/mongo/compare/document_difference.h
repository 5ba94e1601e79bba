// Two BSON documents compared field by field.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

struct _bson_t;  // libbson's bson_t

namespace penstock::mongo {

// Where two documents differ. Values are extended JSON: relaxed, or canonical where only the type differs.
struct FieldDifference {
  std::string path;      // "lines.1.price"
  std::string expected;  // empty: not to be there
  std::string found;     // empty: not there
};

// Names of fields at the top level that are not looked at.
using IgnoredFields = std::vector<std::string_view>;

// Whether the fields are the same, byte for byte and in the same order, but for the ignored ones.
bool same_bytes(const _bson_t& expected, const _bson_t& found, const IgnoredFields& ignored);

// The first `most` differences. Values are equal when they are equal in type and bytes (1 and 1.0 differ,
// numeric 1.0 and 1.00, too). The order of the fields at the top level means nothing; inside it does, as
// MongoDB compares sub-documents.
std::vector<FieldDifference> differences(const _bson_t& expected, const _bson_t& found,
                                         const IgnoredFields& ignored, std::size_t most);

// Appends the fields' bytes as BSON has them, one after the other, without the ignored ones.
void append_fields(std::string& out, const _bson_t& document, const IgnoredFields& ignored);

}  // namespace penstock::mongo
