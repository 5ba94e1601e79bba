// A text to a value, through the decoder that decoder_for() finds for a type.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>

#include "pgtype/decoder.h"

namespace penstock::pgtype {

namespace oid {
inline constexpr std::uint32_t kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt2Vector = 22, kInt4 = 23,
                               kText = 25, kOid = 26, kJson = 114, kFloat4 = 700, kFloat8 = 701, kDate = 1082,
                               kTime = 1083, kTimestamp = 1114, kTimestampTz = 1184, kInterval = 1186,
                               kNumeric = 1700, kUuid = 2950, kJsonb = 3802, kInt4Range = 3904,
                               kTsRange = 3908, kInt4Multirange = 4451, kInt4Array = 1007, kTextArray = 1009,
                               kBoxArray = 1020, kNumericArray = 1231, kInt2VectorArray = 1006,
                               kInt4RangeArray = 3905;
}  // namespace oid

class DecodeTest : public testing::Test {
 protected:
  void add_type(TypeInfo type) { user_types_[type.oid] = std::move(type); }

  Result<Value> try_decode(std::uint32_t type, const std::string& text) {
    auto decoder = decoder_for(type, catalog_);
    if (!decoder) return fail(std::move(decoder).error());
    texts_.push_back(text);
    return (*decoder)->decode(texts_.back(), arena_);
  }
  // A failed decoding fails the test and is NULL.
  Value decode(std::uint32_t type, const std::string& text) {
    auto value = try_decode(type, text);
    if (value) return *value;
    ADD_FAILURE() << value.error().text();
    return Null{};
  }
  template <class T>
  T decode_as(std::uint32_t type, const std::string& text) {
    const Value value = decode(type, text);
    if (const T* typed = value.get<T>()) return *typed;
    ADD_FAILURE() << text << " became " << kind_name(value);
    return T{};
  }
  void expect_refused(std::uint32_t type, const std::string& text) {
    const auto value = try_decode(type, text);
    ASSERT_FALSE(value) << text << " was taken for type " << type << " as " << describe(*value);
    EXPECT_EQ(value.error().kind, ErrorKind::kBadValue);
    EXPECT_NE(value.error().message.find("is not what PostgreSQL prints for"), std::string::npos);
  }

  std::map<std::uint32_t, TypeInfo> user_types_;
  TypeCatalog catalog_{[this](std::uint32_t oid) -> Result<TypeInfo> {
    const auto found = user_types_.find(oid);
    if (found == user_types_.end()) return fail(ErrorKind::kConfiguration, "no type " + std::to_string(oid));
    return found->second;
  }};
  Arena arena_;
  std::deque<std::string> texts_;  // values borrow from them
};

}  // namespace penstock::pgtype
