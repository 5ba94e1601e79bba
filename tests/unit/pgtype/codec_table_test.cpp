#include "pgtype/codec_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "decode.h"

namespace penstock::pgtype {
namespace {

std::string read_page() {
  const std::filesystem::path here(__FILE__);  // tests/unit/pgtype/codec_table_test.cpp
  const auto root = here.parent_path().parent_path().parent_path().parent_path();
  std::ifstream stream(root / "docs" / "types.md", std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

TEST(CodecTable, DocsTypesIsPrintedFromIt) { EXPECT_EQ(read_page(), types_markdown()); }

TEST(CodecTable, NamesEveryFamilyOnce) {
  std::set<Family> seen;
  for (const CodecRow& row : codec_table()) {
    for (const Family family : row.families) EXPECT_TRUE(seen.insert(family).second);
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(Family::kDomain) + 1);
}

// The table's word for the value is what the decoder of such a type gives.
class CodecTableKinds : public DecodeTest {};

TEST_F(CodecTableKinds, AreWhatTheDecodersGive) {
  const std::pair<std::uint32_t, const char*> samples[] = {{16, "t"},
                                                           {21, "1"},
                                                           {23, "1"},
                                                           {20, "1"},
                                                           {26, "1"},
                                                           {700, "1"},
                                                           {701, "1"},
                                                           {1700, "1"},
                                                           {25, "x"},
                                                           {17, "\\x00"},
                                                           {2950, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
                                                           {1082, "2024-01-01"},
                                                           {1114, "2024-01-01 00:00:00"},
                                                           {1184, "2024-01-01 00:00:00+00"},
                                                           {1083, "00:00:00"},
                                                           {1266, "00:00:00+00"},
                                                           {1186, "1 day"},
                                                           {114, "{}"},
                                                           {3802, "{}"},
                                                           {3904, "empty"},
                                                           {1007, "{}"},
                                                           {22, "1"},
                                                           {4451, "{}"}};
  for (const auto& [type, text] : samples) {
    const Family family = family_of(*builtin_type(type));
    const auto table = codec_table();
    const auto row = std::find_if(table.begin(), table.end(), [&](const CodecRow& candidate) {
      return std::find(candidate.families.begin(), candidate.families.end(), family) !=
             candidate.families.end();
    });
    ASSERT_NE(row, table.end());
    EXPECT_EQ(kind_name(decode(type, text)), row->value_kind) << "type " << type;
  }
}

}  // namespace
}  // namespace penstock::pgtype
