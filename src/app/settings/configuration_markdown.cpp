// docs/configuration.md out of the setting table; tests/unit/app/configuration_doc_test.cpp holds the file to
// it.
#include <fmt/format.h>

#include "app/settings/setting_table.h"

namespace penstock::app {
namespace {

constexpr const char* kIntroduction = R"(# The pipeline file

<!-- Generated from src/app/settings/setting_table.cpp: penstock schema --markdown > docs/configuration.md -->

A pipeline is one YAML file. It is read strictly: an unknown key, a key that is there twice and a value of the wrong
type are errors that name the file, line and column and the nearest known key. `penstock check FILE --offline` reads it
without asking a server.

- Only plain `true` and `false` are booleans: a column may be called `y`, `no` or `on`.
- In values, `${NAME}` and `${NAME:-default}` come from the environment (the default also when `NAME` is empty); `$$` is
  `$`. Keys are taken literally.
- Names of schemas, tables and columns are written as they are in the catalog and are never folded to lower case. Where
  an expression may stand, a plain word alone is the column of that very name; one that is no plain word goes in double
  quotes: `price: '"Unit Price"'`. Inside expressions names are PostgreSQL's: `orderDate + 1` means `orderdate`, and
  `"orderDate" + 1` the column with the capital.
- Sizes are bytes, or a number with `KiB`, `MiB` or `GiB`.

```yaml
pipeline: ecommerce
source:
  postgres: ${PENSTOCK_POSTGRES:-postgresql://penstock@127.0.0.1:5432/ecommerce}
sink:
  mongodb: ${PENSTOCK_MONGODB:-mongodb://127.0.0.1:27017/?replicaSet=rs0}
  database: ecommerce
metadata: { change: cdc_changed, time: cdc_time }
collections:
  products: { from: public.products }
  orders:
    from: public.orders
    fields:
      "*": true                       # every column, and then:
      customer: customer_name         # a column under another name
      customer_name: false            # left out
      order_date: { as: string }      # another BSON type
    indexes: [ { keys: { status: 1, order_date: -1 } } ]
```

Documents of several rows, and of expressions over them, are declared in the same place:

```yaml
collections:
  orders:                                   # one document per order, with its lines and their products inside
    from: public.orders
    where: status <> 'draft'                # leaving the filter removes the document
    fields:
      "*": true
      placed_on: to_char(order_date, 'YYYY-MM-DD')
      total: sum(lines.quantity * lines.unit_price)::numeric(12,2)
      ship_to: { name: customer_name, street: address }        # a sub-document
    embed:
      lines:
        many: public.order_details
        using: order_id
        order_by: order_detail_id
        embed:
          product: { one: public.products, using: product_id, fields: [name, price] }
  posts:
    from: public.posts
    embed:
      tags:                                 # many-to-many, as ["cdc", "mongodb"]
        many: public.tags
        through: { from: public.post_tags, owner: { post_id: id }, embedded: { tag_id: id } }
        shape: values
        value: name
  product_sales:                            # a summary: one document per group
    from: public.order_details
    group_by: product_id
    fields: { sold: sum(quantity), orders: count(distinct order_id) }
```

In an expression an unqualified name is a column of the row at hand, never a computed field; `lines.quantity` is a column
of an embed (of a `many` only inside an aggregate) and `parent.column` one of the row around. An aggregate over an embed
sees the rows that its `where` lets through, and ignores its `limit`.

`penstock schema` prints a JSON Schema of the file, for editors.

)";

const char* type_text(SettingType type) {
  switch (type) {
    case SettingType::kText:
      return "text";
    case SettingType::kBool:
      return "true or false";
    case SettingType::kCount:
      return "whole number";
    case SettingType::kSize:
      return "size";
    case SettingType::kDuration:
      return "length of time";
    case SettingType::kSwitch:
      return "true, false, or map";
    case SettingType::kChoice:
      return "";
    case SettingType::kNames:
      return "column, or list of columns";
    case SettingType::kTable:
      return "schema.table";
    case SettingType::kSql:
      return "expression";
    case SettingType::kSqlList:
      return "expressions";
    case SettingType::kPairs:
      return "map of columns, or columns";
    case SettingType::kTexts:
      return "map of texts";
    case SettingType::kFields:
      return "fields";
    case SettingType::kIndexKeys:
      return "map";
    case SettingType::kAny:
      return "as in MongoDB";
    case SettingType::kSection:
    case SettingType::kSectionMap:
    case SettingType::kEmbeds:
      return "map";
    case SettingType::kSectionList:
      return "list";
  }
  return "";
}

std::string type_of(const Setting& setting) {
  if (setting.type != SettingType::kChoice) return type_text(setting.type);
  std::string text;
  for (const std::string& choice : split_choices(setting.choices))
    text += (text.empty() ? "`" : " or `") + choice + "`";
  return text;
}

std::string default_of(const Setting& setting) {
  if (setting.required) return "**required**";
  if (setting.default_value.empty()) return "";
  if (setting.default_value.front() == '<')
    return std::string(setting.default_value.substr(1, setting.default_value.find('>') - 1)) +
           std::string(setting.default_value.substr(setting.default_value.find('>') + 1));
  return fmt::format("`{}`", setting.default_value);
}

std::string row(const Setting& setting) {
  return fmt::format("| `{}` | {} | {} | {} |\n", key_of(setting), type_of(setting), default_of(setting),
                     setting.description);
}

std::string table(std::string_view section) {
  std::string out = "| key | value | default | meaning |\n|---|---|---|---|\n";
  for (const Setting* setting : settings_of(section)) out += row(*setting);
  return out + "\n";
}

}  // namespace

std::string configuration_markdown() {
  std::string out = kIntroduction;
  out += "## The file\n\n" + table("");
  for (const Setting* setting : settings_of("")) {
    if (setting->type == SettingType::kSection || setting->type == SettingType::kSwitch)
      out += fmt::format("## `{}`\n\n", setting->path) + table(setting->path);
  }
  out += "## One of the `collections`\n\n" + table("collections.*");
  out += "## One of the `indexes`\n\n" + table("collections.*.indexes[]");
  out += "## One of the `embed`s\n\n" + table("embed.*");
  out += "## `through` of an embed\n\n" + table("embed.*.through");
  out += "## Not in this version\n\nThese keys are known and refused:\n\n";
  for (const DeferredSetting& deferred : deferred_settings())
    out += fmt::format("- `{}`: {}.\n", deferred.path, deferred.sentence);
  return out;
}

}  // namespace penstock::app
