// Definitions of read models that the settings reader refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/settings.h"

namespace penstock::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Eight lines; a collection's lines follow from the ninth.
constexpr const char* kHead = R"(pipeline: shop
source:
  postgres: postgresql://penstock@h/shop
sink:
  mongodb: mongodb://h/
  database: shop
metadata: { change: changed, time: at }
collections:
)";

Result<Settings> parse(const std::string& lines) {
  return parse_settings(kHead + lines, "p.yaml", [](const std::string&) { return std::nullopt; });
}

struct Wrong {
  const char* name;
  const char* lines;  // below kHead
  const char* said;   // how the message begins
  const char* also;   // somewhere in it
};
class WrongReadModel : public testing::TestWithParam<Wrong> {};

TEST_P(WrongReadModel, IsRefusedWithItsPlace) {
  const auto settings = parse(GetParam().lines);
  ASSERT_FALSE(settings) << "accepted";
  EXPECT_EQ(settings.error().kind, ErrorKind::kConfiguration);
  EXPECT_THAT(settings.error().text(), StartsWith(GetParam().said));
  EXPECT_THAT(settings.error().text(), HasSubstr(GetParam().also));
}

INSTANTIATE_TEST_SUITE_P(
    Settings, WrongReadModel,
    testing::Values(
        Wrong{"empty_where", "  o: { from: a.o, where: '' }\n",
              "p.yaml:9:26: \"where\" of collection \"o\" must", ""},
        Wrong{"where_list", "  o: { from: a.o, where: [a] }\n",
              "p.yaml:9:26: \"where\" of collection \"o\" is exp", ""},
        Wrong{"unknown_in_embed", "  o: { from: a.o, embed: { l: { many: a.l, usin: x } } }\n",
              "p.yaml:9:44: unknown key \"usin\" in embed \"l\" of collection \"o\"; did you mean \"using\"?",
              ""},
        Wrong{"unknown_two_down",
              "  o: { from: a.o, embed: { l: { many: a.l, embed: { p: { one: a.p, feilds: [x] } } } } }\n",
              "p.yaml:9:68: unknown key \"feilds\" in embed \"p\" of embed \"l\" of collection \"o\"; did "
              "you mean",
              ""},
        Wrong{"unknown_in_through",
              "  o: { from: a.o, embed: { l: { many: a.l, through: { from: a.t, owned: {} } } } }\n",
              "p.yaml:9:66: unknown key \"owned\" in \"through\" of embed \"l\"", "did you mean \"owner\"?"},
        Wrong{"through_without_from", "  o: { from: a.o, embed: { l: { many: a.l, through: {} } } }\n",
              "p.yaml:9:44: \"from\" is missing in \"through\"", ""},
        Wrong{"no_table", "  o: { from: a.o, embed: { l: { using: x } } }\n",
              "p.yaml:9:31: embed \"l\" of collection \"o\" needs either \"many\" or \"one\"", ""},
        Wrong{"two_tables", "  o: { from: a.o, embed: { l: { many: a.l, one: a.l } } }\n",
              "p.yaml:9:49: embed \"l\" of collection \"o\" needs either", ""},
        Wrong{"bad_table", "  o: { from: a.o, embed: { l: { many: lines } } }\n",
              "p.yaml:9:39: \"many\" of embed \"l\" of collection \"o\" must be schema.table", ""},
        Wrong{"empty_embed", "  o: { from: a.o, embed: {} }\n",
              "p.yaml:9:19: \"embed\" of collection \"o\" must be a map", ""},
        Wrong{"embed_called_parent", "  o: { from: a.o, embed: { parent: { one: a.l } } }\n",
              "p.yaml:9:28: embed \"parent\" of collection \"o\" may not be called so", ""},
        Wrong{"two_joins", "  o: { from: a.o, embed: { l: { many: a.l, using: x, join: { a: b } } } }\n",
              "p.yaml:9:60: \"join\" of embed \"l\" of collection \"o\" and \"using\" are two ways", ""},
        Wrong{"join_as_list", "  o: { from: a.o, embed: { l: { many: a.l, join: [x] } } }\n",
              "p.yaml:9:50: \"join\" of embed \"l\"", "using"},
        Wrong{"using_as_map", "  o: { from: a.o, embed: { l: { many: a.l, using: { a: b } } } }\n",
              "p.yaml:9:51: \"using\" of embed \"l\"", "join: {"},
        Wrong{"limit_of_one", "  o: { from: a.o, embed: { l: { one: a.l, limit: 3 } } }\n",
              "p.yaml:9:50: \"limit\" of embed \"l\" of collection \"o\" is for \"many\"", ""},
        Wrong{"zero_limit", "  o: { from: a.o, embed: { l: { many: a.l, limit: 0 } } }\n",
              "p.yaml:9:51: \"limit\" in embed \"l\" of collection \"o\" must be a whole number from 1", ""},
        Wrong{"depth_of_another", "  o: { from: a.o, embed: { l: { many: a.l, depth: 3 } } }\n",
              "p.yaml:9:51: \"depth\" of embed \"l\" of collection \"o\" is for a table inside itself",
              "a.l inside a.o"},
        Wrong{"bad_shape", "  o: { from: a.o, embed: { l: { many: a.l, shape: maps } } }\n",
              "p.yaml:9:51: \"shape\" in embed \"l\" of collection \"o\" must be list or map or values",
              "did you mean \"map\"?"},
        Wrong{"shape_of_one", "  o: { from: a.o, embed: { l: { one: a.l, shape: map } } }\n",
              "p.yaml:9:50: \"shape\" of embed \"l\" of collection \"o\" is for \"many\"", ""},
        Wrong{"key_of_a_list", "  o: { from: a.o, embed: { l: { many: a.l, key: id } } }\n",
              "p.yaml:9:49: \"key\" of embed \"l\" of collection \"o\" names the fields of \"shape: map\"",
              "table_key"},
        Wrong{"values_without_value", "  o: { from: a.o, embed: { l: { many: a.l, shape: values } } }\n",
              "p.yaml:9:51: \"shape\" of embed \"l\" of collection \"o\" is values", "value: name"},
        Wrong{"value_of_a_list", "  o: { from: a.o, embed: { l: { many: a.l, value: x } } }\n",
              "p.yaml:9:51: \"value\" of embed \"l\"", ""},
        Wrong{"value_and_fields",
              "  o: { from: a.o, embed: { l: { many: a.l, shape: map, value: x, fields: [y] } } }\n",
              "p.yaml:9:63: \"value\" of embed \"l\"", ""},
        Wrong{"merged_many", "  o: { from: a.o, embed: { l: { many: a.l, merge: true } } }\n",
              "p.yaml:9:51: \"merge\" of embed \"l\" of collection \"o\" is for \"one\"", ""},
        Wrong{"merged_and_hidden",
              "  o: { from: a.o, embed: { l: { one: a.l, merge: true, hidden: true } } }\n",
              "p.yaml:9:50: \"merge\" of embed \"l\"", ""},
        Wrong{"field_and_embed",
              "  o:\n    from: a.o\n    fields: { l: x }\n    embed: { l: { many: a.l } }\n",
              "p.yaml:12:1: \"l\" of collection \"o\" is there already: line 11", ""},
        Wrong{"field_and_embed_below",
              "  o:\n    from: a.o\n    embed:\n      l:\n        many: a.l\n        fields: { p: x }\n      "
              "  embed: { p: { one: a.p } }\n",
              "p.yaml:15:1: \"p\" of embed \"l\" of collection \"o\" is there already: line 14", ""},
        Wrong{"merged_field",
              "  o:\n    from: a.o\n    fields: { x: true }\n    embed: { l: { one: a.l, merge: true, "
              "fields: [x] } }\n",
              "p.yaml:12:1: \"x\" of collection \"o\" is there already: line 11", ""},
        Wrong{"embed_is_metadata", "  o: { from: a.o, embed: { changed: { many: a.l } } }\n",
              "p.yaml:9:1: embed \"changed\" of collection \"o\" is the name of a metadata field too", ""},
        Wrong{"embed_called_id", "  o: { from: a.o, embed: { _id: { many: a.l } } }\n",
              "p.yaml:9:1: a field may not be called \"_id\"", ""},
        Wrong{"open_parenthesis", "  o: { from: a.o, embed: { l: { many: a.l, order_by: 'f(a, b' } } }\n",
              "p.yaml:9:55: a quote, parenthesis or bracket in \"order_by\" of embed \"l\"", "no partner"},
        Wrong{"open_quote", "  o: { from: a.o, embed: { l: { many: a.l, order_by: \"a || 'x\" } } }\n",
              "p.yaml:9:55: a quote, parenthesis or bracket in", ""},
        Wrong{"empty_order", "  o: { from: a.o, embed: { l: { many: a.l, order_by: 'a, , b' } } }\n",
              "p.yaml:9:58: an empty part in \"order_by\"", ""},
        Wrong{"empty_sub_document", "  o: { from: a.o, fields: { x: {} } }\n",
              "p.yaml:9:29: field \"x\" in \"fields\" of collection \"o\" is an empty map", ""},
        Wrong{"star_in_sub_document", "  o: { from: a.o, fields: { x: { \"*\": true } } }\n",
              "p.yaml:9:34: \"*\" is not allowed in field \"x\"", ""},
        Wrong{"drop_in_sub_document", "  o: { from: a.o, fields: { x: { y: false } } }\n",
              "p.yaml:9:34: \"y: false\" leaves out nothing in field \"x\"", ""},
        Wrong{"as_beside_a_field", "  o: { from: a.o, fields: { x: { as: int, y: z } } }\n",
              "p.yaml:9:43: \"y\" beside \"as\" in field \"x\"", "a map of fields"},
        Wrong{"field_list_value", "  o: { from: a.o, fields: { x: [y] } }\n",
              "p.yaml:9:29: field \"x\" in \"fields\" of collection \"o\" must be a column, an expression",
              ""},
        Wrong{"star_in_summary", "  s: { from: a.l, group_by: x, fields: { \"*\": true } }\n",
              "p.yaml:9:40: \"fields\" of collection \"s\" may not hold \"*\"", ""},
        Wrong{"id_of_summary", "  s: { from: a.l, group_by: x, id: y }\n",
              "p.yaml:9:36: \"id\" of collection \"s\"", ""},
        Wrong{"soft_summary", "  s: { from: a.l, group_by: x, deletes: soft }\n",
              "p.yaml:9:41: \"deletes\" of collection \"s\" cannot be soft", ""},
        Wrong{"many_in_summary", "  s: { from: a.l, group_by: x, embed: { y: { many: a.y } } }\n",
              "p.yaml:9:1: embed \"y\" of collection \"s\" must be \"one\"", ""},
        Wrong{"nameless_key", "  s: { from: a.l, group_by: [a, lower(b)] }\n",
              "p.yaml:9:33: \"lower(b)\" in \"group_by\" of collection \"s\" has no name",
              "group_by: { name: \"lower(b)\" }"},
        Wrong{"key_twice", "  s: { from: a.l, group_by: [p.id, q.id] }\n",
              "p.yaml:9:36: \"id\" is there twice", ""},
        Wrong{"empty_group_by", "  s: { from: a.l, group_by: [] }\n",
              "p.yaml:9:19: \"group_by\" of collection \"s\" names no", ""},
        Wrong{"other_key_below",
              "  o: { from: a.o, embed: { l: { many: a.l, table_key: x } } }\n  p: { from: a.p, embed: { l: "
              "{ many: a.l, table_key: y } } }\n",
              "p.yaml:10:1: a.l has another key here (y) than in line 9 (x)", ""}),
    [](const testing::TestParamInfo<Wrong>& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace penstock::app
