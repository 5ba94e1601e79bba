#include "library/arrow_records.h"

#include <gmock/gmock.h>

#include <deque>
#include <string>
#include <utility>

namespace penstock::library {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// Arrays and their schemas as a program that made them would hand them out; alive as long as this.
class Arrow {
 public:
  struct Made {
    ArrowSchema* schema;
    ArrowArray* array;
  };

  // `offset`: so many of the first values are not to be seen.
  template <class T>
  Made numbers(const char* format, const std::vector<T>& values, std::int64_t offset = 0) {
    return made(format, values.size(), offset, {nullptr, kept(values)});
  }

  // `valid`: a bit for each value, or nothing: all are.
  Made texts(const char* format, const std::vector<std::string>& values, std::string valid = {},
             std::int64_t offset = 0) {
    std::vector<std::int32_t> ends{0};
    std::string data;
    for (const std::string& value : values) {
      data += value;
      ends.push_back(static_cast<std::int32_t>(data.size()));
    }
    return made(format, values.size(), offset,
                {valid.empty() ? nullptr : kept_text(std::move(valid)), kept(ends), kept_text(data)});
  }

  Made structs(std::size_t length, const std::vector<Made>& columns) {
    return with(made("+s", length, 0, {nullptr}), columns);
  }

  Made lists(const std::vector<std::int32_t>& ends, Made elements, std::string valid = {}) {
    const void* bits = valid.empty() ? nullptr : kept_text(std::move(valid));
    return with(made("+l", ends.size() - 1, 0, {bits, kept(ends)}), {elements});
  }

 private:
  Made made(const char* format, std::size_t length, std::int64_t offset, std::vector<const void*> buffers) {
    buffers_.push_back(std::move(buffers));
    ArrowSchema& schema = schemas_.emplace_back();
    schema.format = format;
    ArrowArray& array = arrays_.emplace_back();
    array.length = static_cast<std::int64_t>(length) - offset;
    array.offset = offset;
    array.buffers = buffers_.back().data();
    return {&schema, &array};
  }

  Made with(Made parent, const std::vector<Made>& children) {
    auto& schemas = schema_children_.emplace_back();
    auto& arrays = array_children_.emplace_back();
    for (const Made& child : children) {
      schemas.push_back(child.schema);
      arrays.push_back(child.array);
    }
    parent.schema->n_children = parent.array->n_children = static_cast<std::int64_t>(children.size());
    parent.schema->children = schemas.data();
    parent.array->children = arrays.data();
    return parent;
  }

  template <class T>
  const void* kept(const std::vector<T>& values) {
    return kept_text(std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)));
  }
  const void* kept_text(std::string bytes) { return texts_.emplace_back(std::move(bytes)).data(); }

  std::deque<ArrowSchema> schemas_;
  std::deque<ArrowArray> arrays_;
  std::deque<std::vector<const void*>> buffers_;
  std::deque<std::vector<ArrowSchema*>> schema_children_;
  std::deque<std::vector<ArrowArray*>> array_children_;
  std::deque<std::string> texts_;
};

class ArrowRecordsTest : public ::testing::Test {
 protected:
  Arrow::Made headers_of_two() {
    const auto headers = arrow_.structs(
        3, {arrow_.texts("u", {"__op", "a", "b"}), arrow_.texts("z", {"d", "", "bytes"}, "\x05")});
    return arrow_.lists({0, 1, 3}, headers);
  }

  // Two records.
  Arrow::Made batch(const std::vector<std::int64_t>& offsets,
                    const std::vector<std::string>& topics = {"t", "t"}) {
    return arrow_.structs(
        2, {arrow_.texts("u", topics), arrow_.numbers<std::int32_t>("i", {3, 3}),
            arrow_.numbers<std::int64_t>("l", offsets), arrow_.numbers<std::int64_t>("l", {17, 18}),
            arrow_.texts("z", {"hidden", "key", ""}, "\x06", 1), arrow_.texts("z", {"", "value"}, "\x02"),
            headers_of_two()});
  }

  static Result<ArrowRecords> read(const std::vector<Arrow::Made>& batches) {
    std::vector<const ArrowSchema*> schemas;
    std::vector<const ArrowArray*> arrays;
    for (const auto& one : batches) {
      schemas.push_back(one.schema);
      arrays.push_back(one.array);
    }
    return read_arrow(schemas.data(), arrays.data(), batches.size());
  }

  Arrow arrow_;
};

TEST_F(ArrowRecordsTest, records_come_as_arrow_holds_them) {
  const auto found = read({batch({7, 9}), batch({10, 20})});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->topic, "t");
  EXPECT_EQ(found->partition, 3);
  ASSERT_EQ(found->records.size(), 4U);
  const backbone::ConsumedRecord& first = found->records[0];
  const backbone::ConsumedRecord& second = found->records[1];
  EXPECT_EQ(first.topic, "t");
  EXPECT_EQ(first.partition, 3);
  EXPECT_EQ(first.offset, 7);
  EXPECT_EQ(first.millis, 17);
  EXPECT_EQ(first.key, "key") << "an array may begin behind the beginning of its buffers";
  EXPECT_EQ(first.value, std::nullopt);
  EXPECT_THAT(first.headers, ElementsAre(Pair("__op", "d")));
  EXPECT_EQ(second.key, "") << "empty is not null";
  EXPECT_EQ(second.value, "value");
  EXPECT_THAT(second.headers, ElementsAre(Pair("a", ""), Pair("b", "bytes")));
  EXPECT_EQ(found->records[3].offset, 20);
}

TEST_F(ArrowRecordsTest, a_list_of_headers_may_be_null) {
  auto made = batch({7, 9});
  const auto no_headers = arrow_.structs(0, {arrow_.texts("u", {}), arrow_.texts("z", {})});
  made.array->children[6] = arrow_.lists({0, 0, 0}, no_headers, std::string(1, '\0')).array;
  const auto found = read({made});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(found->records[0].headers, IsEmpty());
}

TEST_F(ArrowRecordsTest, no_batches_hold_no_records) {
  const auto found = read({});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(found->records, IsEmpty());
}

TEST_F(ArrowRecordsTest, other_columns_are_refused) {
  auto large = batch({7, 9});
  large.schema->children[5] = arrow_.texts("Z", {}).schema;
  EXPECT_THAT(read({large}).error().message,
              HasSubstr("column 6 of a batch of records is of the type Z, not z"));
  auto fewer = batch({7, 9});
  fewer.schema->n_children = 6;
  EXPECT_FALSE(read({fewer}));
  auto header = batch({7, 9});
  header.schema->children[6] = arrow_.lists({0}, arrow_.texts("u", {})).schema;
  EXPECT_THAT(read({header}).error().message, HasSubstr("the headers of a batch"));
}

TEST_F(ArrowRecordsTest, several_partitions_and_offsets_out_of_order_are_refused) {
  EXPECT_THAT(read({batch({7, 9}, {"t", "other"})}).error().message,
              HasSubstr("records of t[3] hold one of other[3]"));
  EXPECT_THAT(read({batch({7, 9}), batch({8, 10})}).error().message, HasSubstr("8 comes after 9"));
}

}  // namespace
}  // namespace penstock::library
