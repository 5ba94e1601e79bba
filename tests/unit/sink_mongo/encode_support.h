// Values to BSON and on to extended JSON, which tests compare.
#pragma once

#include <bson/bson.h>
#include <gtest/gtest.h>

#include <string>

#include "sink/mongo/encode/document_encoder.h"

namespace penstock::mongo {

inline std::string to_json(const std::string& bytes) {
  bson_t view;
  if (!bson_init_static(&view, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()))
    return "(no BSON)";
  if (!bson_validate(&view, BSON_VALIDATE_NONE, nullptr)) return "(broken BSON)";
  char* json = bson_as_canonical_extended_json(&view, nullptr);
  std::string text = json;
  bson_free(json);
  return text;
}

class EncodeTest : public testing::Test {
 protected:
  EncodeTest() { bson_init(&document_); }
  ~EncodeTest() override { bson_destroy(&document_); }

  // `{ "f" : … }` of one value.
  Result<std::string> try_field(const Value& value, BsonType as = BsonType::kDefault,
                                const std::string& type = "t") {
    bson_reinit(&document_);
    const FieldShape field{"f", as, "public.orders.f " + type};
    Status status = append_field(document_, field, value, counts_);
    if (!status) return fail(std::move(status).error());
    return to_json({reinterpret_cast<const char*>(bson_get_data(&document_)), document_.len});
  }
  // What stands behind "f".
  std::string field(const Value& value, BsonType as = BsonType::kDefault, const std::string& type = "t") {
    auto json = try_field(value, as, type);
    if (!json) return "ERROR " + json.error().message;
    constexpr std::string_view kBefore = "{ \"f\" : ";
    return json->size() < kBefore.size() + 2
               ? *json
               : json->substr(kBefore.size(), json->size() - kBefore.size() - 2);
  }
  void expect_refused(const Value& value, BsonType as, ErrorKind kind = ErrorKind::kBadValue) {
    const auto json = try_field(value, as, "sometype");
    ASSERT_FALSE(json) << *json;
    EXPECT_EQ(json.error().kind, kind) << json.error().text();
    EXPECT_NE(json.error().message.find("public.orders.f sometype"), std::string::npos)
        << json.error().message;
    if (as != BsonType::kDefault) {
      EXPECT_NE(json.error().message.find(std::string("as ") + name_of(as)), std::string::npos)
          << json.error().message;
    }
  }

  bson_t document_;
  EncodeCounts counts_;
};

}  // namespace penstock::mongo
