#include <limits>

#include "encode_support.h"
#include "sink/mongo/encode/id_text.h"

namespace penstock::mongo {
namespace {

using Columns = std::vector<std::pair<std::string, std::string>>;  // name and type

DocumentShape shape_of(const Columns& id, const std::vector<std::string>& fields = {}) {
  DocumentShape shape;
  shape.collection = "orders";
  shape.table = "public.orders";
  const auto source = [](const std::string& column, const std::string& type) {
    return std::string("public.orders.").append(column).append(1, ' ').append(type);
  };
  for (const auto& [name, type] : id) {
    shape.id.push_back({name, BsonType::kDefault, source(name, type)});
    shape.id_columns.push_back(name);
  }
  for (const auto& name : fields) shape.fields.push_back({name, BsonType::kDefault, source(name, "text")});
  return shape;
}

class EncodeIds : public EncodeTest {
 protected:
  EncodedId encode(const DocumentShape& shape, std::vector<Value> id) {
    auto encoded = encode_id(shape, id.data(), counts_);
    if (encoded) return *encoded;
    ADD_FAILURE() << encoded.error().text();
    return {};
  }
  std::string id_json(const std::string& type, const Value& value) {
    return to_json(encode(shape_of({{"k", type}}), {value}).bson);
  }
  // The key read back from the document.
  std::string text_of(const std::string& type, const Value& value, BsonType as = BsonType::kDefault) {
    DocumentShape shape = shape_of({{"k", type}});
    shape.id[0].as = as;
    const EncodedId id = encode(shape, {value});
    const auto text =
        id_to_text(shape, reinterpret_cast<const std::uint8_t*>(id.bson.data()), id.bson.size());
    return text ? text->at(0) : "ERROR " + text.error().text();
  }
};

TEST_F(EncodeIds, OneColumnIsItsValue) {
  EXPECT_EQ(id_json("integer", std::int32_t{7}), R"({ "_id" : { "$numberInt" : "7" } })");
}

TEST_F(EncodeIds, SeveralColumnsAreADocumentInOrder) {
  const auto id = encode(shape_of({{"b", "integer"}, {"a", "text"}}), {std::int32_t{7}, Text{"x"}});
  EXPECT_EQ(to_json(id.bson), R"({ "_id" : { "b" : { "$numberInt" : "7" }, "a" : "x" } })");
}

TEST_F(EncodeIds, TimestampsFinerThanMillisecondsAreIsoStrings) {
  EXPECT_EQ(id_json("timestamp", Timestamp{1704067200123456, "…", false}),
            R"({ "_id" : "2024-01-01T00:00:00.123456Z" })");
  EXPECT_EQ(id_json("timestamp", Timestamp{1704067200123000, "…", false}),
            R"({ "_id" : { "$date" : { "$numberLong" : "1704067200123" } } })");
  EXPECT_EQ(id_json("timestamp", Timestamp{-1, "…", false}), R"({ "_id" : "1969-12-31T23:59:59.999999Z" })");
}

TEST_F(EncodeIds, ArraysAreTheirText) {
  const Value items[] = {std::int32_t{1}};
  EXPECT_EQ(id_json("integer[]", Array{items, 1, "{1}"}), R"({ "_id" : "{1}" })");
  EXPECT_EQ(id_json("jsonb", Json{"[1, 2]"}), R"({ "_id" : "[1, 2]" })");
  EXPECT_EQ(id_json("jsonb", Json{R"("[1, 2]")"}), R"({ "_id" : "\"[1, 2]\"" })");
  const auto composite =
      encode(shape_of({{"a", "integer[]"}, {"b", "integer"}}), {Array{items, 1, "{1}"}, std::int32_t{2}});
  EXPECT_EQ(to_json(composite.bson), R"({ "_id" : { "a" : "{1}", "b" : { "$numberInt" : "2" } } })");
}

TEST_F(EncodeIds, NullsAndUnsentValuesAreNoKeys) {
  const DocumentShape shape = shape_of({{"k", "integer"}});
  for (const Value& value : {Value(Null{}), Value(Unchanged{})}) {
    const auto id = encode_id(shape, &value, counts_);
    ASSERT_FALSE(id);
    EXPECT_EQ(id.error().kind, ErrorKind::kBadValue);
  }
}

TEST_F(EncodeIds, NamesWithADollarAreRefusedAsMongoDbRefusesThem) {
  const DocumentShape shape = shape_of({{"$a", "integer"}, {"b", "integer"}});
  const Value id[] = {std::int32_t{1}, std::int32_t{2}};
  EXPECT_EQ(encode_id(shape, id, counts_).error().kind, ErrorKind::kRejectedDocument);
  const Value json[] = {Json{R"({"a": {"$b": 1}})"}};
  EXPECT_EQ(encode_id(shape_of({{"k", "jsonb"}}), json, counts_).error().kind, ErrorKind::kRejectedDocument);
}

TEST_F(EncodeIds, KeysAreEqualWhereMongoDbHoldsOneDocument) {
  const DocumentShape shape = shape_of({{"k", "any"}});
  const auto key = [&](const Value& value) { return encode(shape, {value}).key; };
  EXPECT_EQ(key(Decimal{"1.0"}), key(Decimal{"1.00"}));
  EXPECT_EQ(key(Decimal{"1.50"}), key(Decimal{"1.5"}));
  EXPECT_EQ(key(-0.0), key(0.0));
  EXPECT_EQ(key(Decimal{"100"}), key(std::int32_t{100}));
  EXPECT_EQ(key(std::int64_t{7}), key(7.0));
  EXPECT_EQ(key(std::numeric_limits<double>::quiet_NaN()), key(Decimal{"NaN"}));
  const std::string digits = "0.12345678901234567890123456789012345";
  EXPECT_EQ(key(Decimal{digits}), key(Decimal{digits + "00"}));
  EXPECT_NE(key(Decimal{"1.5"}), key(Decimal{"-1.5"}));
  EXPECT_NE(key(Decimal{"1.5"}), key(Decimal{"15"}));
  EXPECT_NE(key(Text{"1"}), key(std::int32_t{1}));
  EXPECT_NE(key(Text{"a"}), key(Text{"A"}));
  EXPECT_NE(key(Bytes{"a"}), key(Text{"a"}));
}

TEST_F(EncodeIds, KeysOfSeveralColumnsDoNotRunIntoEachOther) {
  const DocumentShape shape = shape_of({{"a", "text"}, {"b", "text"}});
  EXPECT_NE(encode(shape, {Text{"x"}, Text{"yz"}}).key, encode(shape, {Text{"xy"}, Text{"z"}}).key);
  EXPECT_EQ(encode(shape, {Text{"x"}, Text{"y"}}).key, encode(shape, {Text{"x"}, Text{"y"}}).key);
}

TEST_F(EncodeIds, ConversionsThatCouldMergeTwoKeysAreRefused) {
  const auto refused = [&](BsonType as, const Value& value) {
    DocumentShape shape = shape_of({{"k", "text"}});
    shape.id[0].as = as;
    const auto id = encode_id(shape, &value, counts_);
    return !id && id.error().kind == ErrorKind::kBadValue;
  };
  EXPECT_TRUE(refused(BsonType::kDouble, Decimal{"0.1234567890123456789"}));
  EXPECT_FALSE(refused(BsonType::kDouble, Decimal{"0.5"}));
  EXPECT_TRUE(refused(BsonType::kDecimal, Text{"1e0"}));
  EXPECT_TRUE(refused(BsonType::kDate, Text{"2024-01-01"}));
  EXPECT_TRUE(refused(BsonType::kBool, Text{"t"}));
  EXPECT_TRUE(refused(BsonType::kJson, Text{"1"}));
}

TEST_F(EncodeIds, ComeBackAsTextsPostgresqlReads) {
  EXPECT_EQ(text_of("integer", std::int32_t{-7}), "-7");
  EXPECT_EQ(text_of("bigint", std::int64_t{INT64_MIN}), "-9223372036854775808");
  EXPECT_EQ(text_of("double precision", 0.1), "0.1");
  EXPECT_EQ(text_of("numeric", Decimal{"12.50"}), "12.50");
  EXPECT_EQ(text_of("numeric", Decimal{"NaN"}), "NaN");
  EXPECT_EQ(text_of("text", Text{"2024-01-01T00:00:00.123456Z"}), "2024-01-01T00:00:00.123456Z");
  EXPECT_EQ(text_of("boolean", true), "t");
  EXPECT_EQ(text_of("date", Date{-719529, "0002-12-31 BC"}), "0002-12-31 BC");
  EXPECT_EQ(text_of("date", Date{2145042905, "5874897-12-31"}), "5874897-12-31");
  EXPECT_EQ(text_of("timestamp with time zone", Timestamp{1704067200123000, "…", true}),
            "2024-01-01 00:00:00.123+00");
  EXPECT_EQ(text_of("timestamp without time zone", Timestamp{-1, "…", false}), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(text_of("timestamp without time zone", Timestamp{kPlusInfinity, "infinity", false}), "infinity");
  EXPECT_EQ(text_of("uuid", Uuid{}), "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(text_of("bytea", Bytes{"ab"}), "\\x6162");
  EXPECT_EQ(text_of("text", Text{"ab"}, BsonType::kBinary), "ab");
  EXPECT_EQ(text_of("integer", std::int32_t{1}, BsonType::kBool), "1");
  EXPECT_EQ(text_of("character(24)", Text{"507f1f77bcf86cd799439011"}, BsonType::kObjectId),
            "507f1f77bcf86cd799439011");
}

TEST_F(EncodeIds, JsonKeysComeBackAsJson) {
  for (const char* text : {"[1, 2]", R"("[1, 2]")", R"("\"quoted\"")", R"("plain")", "null", "true", "7",
                           "0.5", R"({"a": [1, {"b": null}], "c": "x\ny"})"}) {
    std::string expected = text;
    if (const auto at = expected.find("\\n"); at != std::string::npos) expected.replace(at, 2, "\\u000a");
    EXPECT_EQ(text_of("jsonb", Json{text}), expected);
  }
}

TEST_F(EncodeIds, ContainersComeBackAsTheirText) {
  const Value one(std::int32_t{1});
  EXPECT_EQ(text_of("int4range", Range{&one, nullptr, true, false, false}), R"x(["1",))x");
  EXPECT_EQ(text_of("int4range", Range{nullptr, nullptr, false, false, true}), "empty");
  const StructField pairs[] = {{"a\"", Text{"1"}}, {"b", Null{}}};
  EXPECT_EQ(text_of("hstore", Struct{pairs, 2, "…"}), R"("a\""=>"1", "b"=>NULL)");
  const StructField parts[] = {{"a", std::int32_t{1}}, {"b", Null{}}, {"c", Text{"x\"y"}}};
  EXPECT_EQ(text_of("item", Struct{parts, 3, "…"}), R"x(("1",,"x""y"))x");
}

TEST_F(EncodeIds, OfOtherProgramsAreRefused) {
  const DocumentShape composite = shape_of({{"a", "integer"}, {"b", "integer"}});
  const auto single = encode(shape_of({{"k", "integer"}}), {std::int32_t{7}});
  const auto other =
      encode(shape_of({{"a", "integer"}, {"c", "integer"}}), {std::int32_t{7}, std::int32_t{8}});
  const auto longer = encode(shape_of({{"a", "integer"}, {"b", "integer"}, {"c", "integer"}}),
                             {std::int32_t{7}, std::int32_t{8}, std::int32_t{9}});
  for (const auto& id : {single, other, longer}) {
    const auto text =
        id_to_text(composite, reinterpret_cast<const std::uint8_t*>(id.bson.data()), id.bson.size());
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().kind, ErrorKind::kBadValue);
  }
}

class EncodeDocuments : public EncodeTest {
 protected:
  DocumentShape shape_ = shape_of({{"k", "integer"}}, {"a", "b.c", "$d"});
  EncodedId id() {
    const Value value(std::int32_t{7});
    return *encode_id(shape_, &value, counts_);
  }
};

TEST_F(EncodeDocuments, BeginWithTheIdAndKeepTheOrder) {
  const Value fields[] = {Text{"x"}, Null{}, true};
  ASSERT_TRUE(encode_document(shape_, id(), fields, document_, counts_));
  EXPECT_EQ(to_json({reinterpret_cast<const char*>(bson_get_data(&document_)), document_.len}),
            R"({ "_id" : { "$numberInt" : "7" }, "a" : "x", "b.c" : null, "$d" : true })");
}

TEST_F(EncodeDocuments, LeaveOutAndNameUnchangedFieldsOnlyWhereTheCallerTakesThem) {
  const Value fields[] = {Text{"x"}, Unchanged{}, true};
  std::vector<std::uint16_t> unchanged;
  ASSERT_TRUE(encode_document(shape_, id(), fields, document_, counts_, &unchanged));
  EXPECT_EQ(unchanged, std::vector<std::uint16_t>{1});
  bson_reinit(&document_);
  EXPECT_EQ(encode_document(shape_, id(), fields, document_, counts_).error().kind, ErrorKind::kInternal);
}

TEST_F(EncodeDocuments, PatchesHoldTheSentFieldsAndNameThoseForSetField) {
  const Value fields[] = {Unchanged{}, Text{"x"}, true};
  const auto patch = encode_patch(shape_, id(), fields, counts_);
  ASSERT_TRUE(patch);
  EXPECT_EQ(to_json(patch->bson), R"({ "b.c" : "x", "$d" : true })");
  EXPECT_EQ(patch->literal, (std::vector<std::uint16_t>{1, 2}));
  EXPECT_FALSE(patch->empty);
  const Value nothing[] = {Unchanged{}, Unchanged{}, Unchanged{}};
  EXPECT_TRUE(encode_patch(shape_, id(), nothing, counts_)->empty);
}

TEST_F(EncodeDocuments, NamesThatSetWouldMisread) {
  for (const char* name : {"", "$a", "a.b", "."}) EXPECT_TRUE(needs_set_field(name)) << name;
  for (const char* name : {"a", "a$", "_id", "tên"}) EXPECT_FALSE(needs_set_field(name)) << name;
  EXPECT_TRUE(replace_is_refused(shape_));
  EXPECT_FALSE(replace_is_refused(shape_of({{"k", "integer"}}, {"a", "b.c"})));
}

TEST_F(EncodeDocuments, LargerThan16MebibytesAreRejectedWithTableAndKey) {
  const std::string half(std::size_t{9} * 1024 * 1024, 'x');
  const Value fields[] = {Text{half}, Text{half}, Null{}};
  const auto status = encode_document(shape_, id(), fields, document_, counts_);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kRejectedDocument);
  EXPECT_NE(status.error().message.find("public.orders"), std::string::npos);
  EXPECT_NE(status.error().message.find('7'), std::string::npos);
}

TEST_F(EncodeDocuments, OfExactly16MebibytesAreTaken) {
  const Value small[] = {Text{""}, Null{}, Null{}};
  ASSERT_TRUE(encode_document(shape_, id(), small, document_, counts_));
  const std::string filling(kMaxDocumentBytes - document_.len, 'x');
  const Value fields[] = {Text{filling}, Null{}, Null{}};
  bson_reinit(&document_);
  EXPECT_TRUE(encode_document(shape_, id(), fields, document_, counts_));
  EXPECT_EQ(document_.len, kMaxDocumentBytes);
}

TEST_F(EncodeDocuments, RowsAreDescribedByTheirKey) {
  const Value value(std::int32_t{7});
  EXPECT_EQ(describe_row(shape_, &value), "public.orders (k 7)");
  EXPECT_EQ(describe_id(shape_, id()), R"(public.orders { "_id" : 7 })");
}

}  // namespace
}  // namespace penstock::mongo
