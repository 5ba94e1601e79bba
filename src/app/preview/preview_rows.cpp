#include "app/preview/preview_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace penstock::app {
namespace {

constexpr std::size_t kMostRows = 20'000;  // of one table, for one preview

std::vector<std::string> lefts(const std::vector<EmbedSpec::Pair>& pairs) {
  std::vector<std::string> columns;
  for (const EmbedSpec::Pair& pair : pairs) columns.push_back(pair.left);
  return columns;
}
std::vector<std::string> rights(const std::vector<EmbedSpec::Pair>& pairs) {
  std::vector<std::string> columns;
  for (const EmbedSpec::Pair& pair : pairs) columns.push_back(pair.right);
  return columns;
}

RowTexts texts_of(const Event& event, const std::vector<std::string>& columns) {
  RowTexts texts;
  for (const std::string& name : columns) {
    const auto index = event.schema->find(name);
    if (!index || event.after[*index].is_null())
      texts.emplace_back();
    else
      texts.emplace_back(to_text(event.after[*index]));
  }
  return texts;
}

}  // namespace

Result<PreviewReader> PreviewReader::make(const CollectionSpec& spec, const TableDescriptions& tables,
                                          postgres::Connection& connection) {
  PreviewReader reader(spec);
  for (const auto& [name, table] : tables) {
    PENSTOCK_ASSIGN(auto query, postgres::RowQuery::make(connection, table));
    reader.queries_.emplace(name, std::move(query));
  }
  return reader;
}

Result<std::vector<std::string>> PreviewReader::key_columns() {
  const TableSchema& schema = query(spec_->from).schema();
  std::vector<std::string> columns;
  if (!spec_->is_summary())
    for (const auto index : schema.key) columns.push_back(schema.columns[index].name);
  for (const FieldSpec& field : spec_->group_by) {
    if (field.column.empty())
      return fail(ErrorKind::kUsage,
                  fmt::format("the groups of {} are not made by columns alone: a key cannot be looked up",
                              spec_->name),
                  "leave out --key to see a group of the first rows");
    columns.push_back(field.column);
  }
  return columns;
}

Result<PreviewRows> PreviewReader::read(const std::vector<std::string>& key) {
  PENSTOCK_ASSIGN(const std::vector<std::string> columns, key_columns());
  if (columns.size() != key.size())
    return fail(ErrorKind::kUsage,
                fmt::format("the key of {} has {} columns ({}), and {} values are given", spec_->name,
                            columns.size(), fmt::join(columns, ", "), key.size()),
                "give --key once for each, in this order");
  return read_where(query(spec_->from).alike(columns, RowTexts(key.begin(), key.end())), kMostRows);
}

Result<PreviewRows> PreviewReader::read_first(std::size_t rows) {
  const auto columns = key_columns();
  if (!spec_->is_summary() || !columns) return read_where("", rows);
  PENSTOCK_ASSIGN(const EventBatchPtr first, query(spec_->from).read("", 1));
  if (first->events.empty()) return PreviewRows{};
  const RowTexts group = texts_of(first->events.front(), *columns);
  return read_where(query(spec_->from).alike(*columns, group), kMostRows);
}

Result<PreviewRows> PreviewReader::read_where(const std::string& condition, std::size_t limit) {
  PreviewRows rows;
  PENSTOCK_ASSIGN(const EventBatchPtr roots, query(spec_->from).read(condition, limit));
  rows.complete = roots->events.size() < kMostRows;
  rows.batches.push_back(roots);
  PENSTOCK_TRY(follow(spec_->embeds, *roots, rows));
  return rows;
}

Status PreviewReader::follow(const std::vector<EmbedSpec>& embeds, const EventBatch& owners,
                             PreviewRows& rows) {
  if (owners.events.empty()) return {};
  for (const EmbedSpec& embed : embeds) PENSTOCK_TRY(follow_one(embed, owners, embed.depth, rows));
  return {};
}

Status PreviewReader::follow_one(const EmbedSpec& embed, const EventBatch& owners, int depth,
                                 PreviewRows& rows) {
  EventBatchPtr found;
  if (embed.through) {
    const EmbedSpec::Through& through = *embed.through;
    PENSTOCK_ASSIGN(const EventBatchPtr between,
                    join(through.from, lefts(through.owner), owners, rights(through.owner), rows));
    PENSTOCK_ASSIGN(found,
                    join(embed.from, rights(through.embedded), *between, lefts(through.embedded), rows));
  } else {
    PENSTOCK_ASSIGN(found, join(embed.from, lefts(embed.join), owners, rights(embed.join), rows));
  }
  PENSTOCK_TRY(follow(embed.embeds, *found, rows));
  return depth > 1 && !found->events.empty() ? follow_one(embed, *found, depth - 1, rows) : Status();
}

// The rows of `table` whose columns have the values of `from`.
Result<EventBatchPtr> PreviewReader::join(const TableName& table, const std::vector<std::string>& columns,
                                          const EventBatch& from, const std::vector<std::string>& values,
                                          PreviewRows& rows) {
  std::set<RowTexts> wanted;
  for (const Event& event : from.events) wanted.insert(texts_of(event, values));
  postgres::RowQuery& target = query(table);
  PENSTOCK_ASSIGN(EventBatchPtr found,
                  target.read(target.among(columns, {wanted.begin(), wanted.end()}), kMostRows));
  rows.complete = rows.complete && found->events.size() < kMostRows;
  rows.batches.push_back(found);
  return found;
}

}  // namespace penstock::app
