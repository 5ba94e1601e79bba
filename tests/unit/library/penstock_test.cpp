// The C ABI as far as it needs no server.
#include "library/penstock.h"

#include <gmock/gmock.h>

#include <cstring>
#include <string>

namespace {

using ::testing::HasSubstr;
using ::testing::StrEq;

constexpr const char* kPipeline = R"(
pipeline: shop
source: { postgres: "postgresql://me:${SECRET}@db.example.com:5433/shop" }
sink: { mongodb: "mongodb://127.0.0.1:1/", database: shop }
kafka: { brokers: "127.0.0.1:1" }
collections:
  products: { from: public.products }
  cards: { from: public.orders, fields: { who: upper(customer) } }
)";

class Abi : public ::testing::Test {
 protected:
  ~Abi() override {
    penstock_close(pipeline_);
    penstock_text_free(text_);
    penstock_error_free(error_);
  }
  int32_t open(const char* options, const char* yaml = kPipeline) {
    return penstock_open(yaml, std::strlen(yaml), options, &pipeline_, &error_);
  }

  penstock_pipeline* pipeline_ = nullptr;
  penstock_error* error_ = nullptr;
  char* text_ = nullptr;
};

TEST_F(Abi, says_its_version) {
  EXPECT_EQ(penstock_abi_version(), PENSTOCK_ABI_VERSION);
  EXPECT_THAT(penstock_version(), HasSubstr("."));
}

TEST_F(Abi, what_a_pipeline_ships_opens_elsewhere_without_its_environment) {
  ASSERT_EQ(open(R"({"environment": {"SECRET": "s3cret", "OTHER": "x"}, "collections": ["products"]})"), 0)
      << penstock_error_message(error_);
  ASSERT_EQ(penstock_describe(pipeline_, &text_, &error_), 0);
  const std::string described = text_;
  EXPECT_THAT(described,
              HasSubstr(R"("host":"db.example.com","port":"5433","user":"me","password":"s3cret")"));
  EXPECT_THAT(
      described,
      HasSubstr(
          R"({"name":"cards","table":"public.orders","kind":"read model","chosen":false,"tables":["public.orders"]})"));
  EXPECT_THAT(described, HasSubstr(R"("environment":{"SECRET":"s3cret"})"));
}

TEST_F(Abi, a_collection_with_an_id_of_its_own_is_refused_by_name_with_the_way_out) {
  std::string yaml = kPipeline;
  yaml.insert(yaml.find("fields:"), "id: customer, ");
  ASSERT_EQ(open(R"({"environment": {"SECRET": "x"}})", yaml.c_str()), 2);
  EXPECT_THAT(penstock_error_kind(error_), StrEq("configuration"));
  EXPECT_THAT(penstock_error_message(error_), HasSubstr("cards"));
  EXPECT_THAT(penstock_error_remedy(error_), HasSubstr("--collection"));
  EXPECT_EQ(penstock_error_passes(error_), 0);
}

TEST_F(Abi, options_and_files_that_are_wrong_are_errors_with_their_place) {
  EXPECT_EQ(open("[]"), 2);
  penstock_error_free(error_);
  EXPECT_EQ(open(R"({"brokers": 3})"), 2);
  EXPECT_THAT(penstock_error_message(error_), HasSubstr("brokers"));
  penstock_error_free(error_);
  EXPECT_EQ(open(R"({"file": "there.yaml"})", "pipeline: [\n"), 2);
  EXPECT_THAT(penstock_error_message(error_), HasSubstr("there.yaml"));
}

TEST_F(Abi, null_arguments_are_errors) {
  EXPECT_EQ(penstock_open(nullptr, 0, nullptr, &pipeline_, &error_), 2);
  penstock_error_free(error_);
  EXPECT_EQ(penstock_apply(nullptr, "t", 0, "", 0, nullptr, &error_), 2);
  EXPECT_EQ(penstock_describe(nullptr, &text_, nullptr), 2)
      << "whoever does not ask for the error gets the code";
}

}  // namespace
