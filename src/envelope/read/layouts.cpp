#include "envelope/read/layouts.h"

#include <algorithm>

#include "envelope/read/inline_split.h"
#include "envelope/read/inline_types.h"

namespace penstock::envelope {
namespace {

namespace dom = simdjson::dom;
constexpr std::size_t kMaxLayouts = 64;

// Types whose values look different in different modes; of the others the type says it all.
bool depends_on_mode(std::uint32_t type) {
  constexpr std::uint32_t kTypes[] = {790, 1082, 1083, 1114, 1184, 1186, 1266, 1700};
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

std::string_view schema_of(std::string_view record) {
  const auto split = split_inline(record);
  return split ? split->schema : std::string_view();
}

// The columns that a record's key names, as indexes into `schema`.
std::vector<std::uint16_t> key_columns(const TableSchema& schema, std::string_view key) {
  std::vector<std::uint16_t> columns;
  if (const auto split = split_inline(key)) key = split->payload;
  dom::parser parser;
  dom::object object;
  if (parser.parse(key.data(), key.size()).get(object) != simdjson::SUCCESS) return columns;
  for (const dom::key_value_pair field : object) {
    const auto column = schema.find(field.key);
    if (column && std::find(columns.begin(), columns.end(), *column) == columns.end())
      columns.push_back(*column);
  }
  return columns;
}

}  // namespace

Layouts::Layouts(ReadOptions options, std::shared_ptr<const TableSchema> catalog)
    : options_(std::move(options)),
      catalog_(std::move(catalog)),
      placeholder_(std::make_shared<const Placeholder>(options_.values.unavailable)) {}

std::vector<std::uint16_t> Layouts::identity_of(const TableSchema& schema) const {
  std::vector<std::uint16_t> columns;
  if (schema.replica_identity == 'f') {
    for (std::size_t i = 0; i < schema.columns.size(); ++i) columns.push_back(static_cast<std::uint16_t>(i));
    return columns;
  }
  if (schema.replica_identity != 'i' || options_.identity.empty()) return schema.key;
  for (const std::string& name : options_.identity)
    if (const auto column = schema.find(name)) columns.push_back(*column);
  return columns;
}

std::unique_ptr<RowLayout> Layouts::of_catalog(std::string_view schema,
                                               const std::vector<InlineColumn>& inlined) const {
  std::vector<ColumnReader> readers;
  readers.reserve(catalog_->columns.size());
  for (const Column& column : catalog_->columns) {
    ColumnPlan plan = plan_of(column, options_.values, options_.decoder);
    const auto found = std::find_if(inlined.begin(), inlined.end(),
                                    [&](const InlineColumn& one) { return one.column.name == column.name; });
    if (!schema.empty() && found != inlined.end() && depends_on_mode(plan.type)) {
      // Money as text has no scale.
      plan.form = found->form;
      if (plan.form.form == Form::kText) plan.form.scale = -1;
    }
    readers.emplace_back(std::move(plan), options_.values.binary, placeholder_);
  }
  return std::make_unique<RowLayout>(catalog_, std::move(readers), identity_of(*catalog_));
}

Result<std::unique_ptr<RowLayout>> Layouts::make(std::string_view schema, std::string_view key,
                                                 const TableName& table) const {
  if (schema.empty() && catalog_) return of_catalog({}, {});
  if (schema.empty())
    return fail(
        ErrorKind::kConfiguration,
        "the records carry no schemas, and without a catalog nothing says which types their columns have",
        "name the database that they come from, or write them with value.converter.schemas.enable=true");
  PENSTOCK_ASSIGN(const std::vector<InlineColumn> inlined, inline_columns(schema));
  if (catalog_) return of_catalog(schema, inlined);
  auto made = std::make_shared<TableSchema>();
  made->table = table;
  std::vector<ColumnReader> readers;
  for (const InlineColumn& one : inlined) {
    if (is_added_field(one.column.name) || made->find(one.column.name)) continue;
    made->columns.push_back(one.column);
    readers.emplace_back(plan_of(one.column, one.form, options_.decoder), options_.values.binary,
                         placeholder_);
  }
  made->key = key_columns(*made, key);
  const std::vector<std::uint16_t> identity = identity_of(*made);
  return std::make_unique<RowLayout>(std::move(made), std::move(readers), identity);
}

Result<RowLayout*> Layouts::find(std::string_view schema, std::string_view key, const TableName& table) {
  // Another key has the same columns under another key.
  const std::string_view key_schema = catalog_ || schema.empty() ? std::string_view() : schema_of(key);
  if (newest_ != nullptr && schema == newest_schema_ && key_schema == newest_key_schema_) return newest_;
  std::string name(schema);
  name.append(1, '\n').append(key_schema);
  auto known = layouts_.find(name);
  if (known == layouts_.end()) {
    PENSTOCK_ASSIGN(std::unique_ptr<RowLayout> made, make(schema, key, table));
    if (layouts_.size() >= kMaxLayouts) layouts_.clear();
    known = layouts_.emplace(std::move(name), std::move(made)).first;
  }
  newest_ = known->second.get();
  newest_schema_ = schema;
  newest_key_schema_ = key_schema;
  return newest_;
}

}  // namespace penstock::envelope
