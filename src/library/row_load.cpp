#include "library/row_load.h"

#include <algorithm>
#include <array>
#include <utility>

#include "app/factory.h"
#include "library/json_writer.h"
#include "library/models.h"
#include "source/postgres/catalog.h"

namespace penstock::library {
namespace {

// int2, int4, int8: of these Spark cuts a range into parts.
constexpr std::array<std::uint32_t, 3> kIntegers{21, 23, 20};

using Described = std::vector<postgres::TableDescription>;

Result<postgres::TableDescription> describe(postgres::Connection& connection, const app::Settings& settings,
                                            const app::Settings::Table& table) {
  return postgres::describe_table(connection, table.name, settings.source.publication, table.key);
}

Result<Described> describe_all(const app::Settings& settings) {
  PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(settings.source.postgres));
  Described tables;
  for (const auto& table : settings.tables()) {
    PENSTOCK_ASSIGN(auto described, describe(connection, settings, table));
    if (described.schema->key.empty())
      return fail(ErrorKind::kConfiguration,
                  "the table " + to_string(table.name) + " has no primary key: its rows have no `_id`",
                  "name one in the pipeline file: key: [columns]");
    tables.push_back(std::move(described));
  }
  return tables;
}

// Before anything is emptied.
Status check_published(const Described& tables, const std::string& publication) {
  std::string missing;
  for (const auto& table : tables)
    if (!table.published) missing += (missing.empty() ? "" : ", ") + quoted(table.schema->table);
  if (missing.empty()) return {};
  return fail(ErrorKind::kConfiguration,
              "the publication " + publication + " does not carry " + missing +
                  ": no change of theirs would follow the load",
              "ALTER PUBLICATION " + quote_identifier(publication) + " ADD TABLE " + missing);
}

void put_range(JsonWriter& out, const TableSchema& schema) {
  const Column& first = schema.columns[schema.key.front()];
  out.key("range");
  if (std::find(kIntegers.begin(), kIntegers.end(), first.type_oid) == kIntegers.end()) {
    out.null();
    return;
  }
  out.begin().text("column", first.name).text("select", quote_identifier(first.name)).end();
}

void put_table(JsonWriter& out, const postgres::TableDescription& table) {
  const TableSchema& schema = *table.schema;
  // An inheritance parent is published without its children; a partitioned table has no rows but its leaves'.
  const char* only = table.kind == 'p' ? "" : "ONLY ";
  out.begin().text("table", to_string(schema.table)).text("from", only + quoted(schema.table));
  out.text("where", table.row_filter).key("columns").begin_list();
  for (const Column& column : schema.columns)
    out.begin()
        .text("name", column.name)
        .text("type", column.type_name)
        .text("select", postgres::text_of(column))
        .end();
  out.end_list().key("key").begin_list();
  for (const std::uint16_t column : schema.key) out.item(schema.columns[column].name);
  out.end_list();
  put_range(out, schema);
  out.number("estimated_rows", static_cast<std::int64_t>(table.estimated_rows)).end();
}

std::string answer_of(const std::string& load, const std::string& kept_generation, const Described& tables) {
  JsonWriter out;
  out.begin().text("load", load).text("session", postgres::session_settings());
  out.key("options").begin().text("kept_generation", kept_generation).end();
  out.key("tables").begin_list();
  for (const auto& table : tables) put_table(out, table);
  return out.end_list().end().finish();
}

// Unless everything is cleared first.
Status check_empty(mongo::LoadSink& sink) {
  PENSTOCK_ASSIGN(const std::string occupied, sink.occupied());
  if (!occupied.empty())
    return fail(ErrorKind::kConfiguration,
                "the collection " + occupied +
                    " holds documents: rows that were deleted since they were written would stay in it",
                "drop it, or load with --clear, which empties the collections first");
  PENSTOCK_ASSIGN(const bool applied, sink.was_applied());
  if (!applied) return {};
  return fail(ErrorKind::kConfiguration,
              "records of topics were applied to this pipeline: a stream would go on behind them",
              "end its streams, and load with --clear, which forgets what was applied");
}

}  // namespace

Result<std::string> begin_load(const Opened& opened, mongo::LoadSink& sink) {
  PENSTOCK_ASSIGN(const Described tables, describe_all(opened.chosen));
  PENSTOCK_TRY(check_published(tables, opened.chosen.source.publication));
  if (!opened.options.clear) PENSTOCK_TRY(check_empty(sink));
  PENSTOCK_ASSIGN(const std::string load, sink.begin());
  const auto kept = sink.kept_state();
  PENSTOCK_ASSIGN(const mongo::KeptModels models, kept_models(opened.chosen, *kept));
  std::string kept_generation;
  if (!models.definition.empty()) {
    PENSTOCK_ASSIGN(kept_generation, sink.begin_models(models));
  }
  return answer_of(load, kept_generation, tables);
}

Result<std::unique_ptr<LoadBench>> LoadBench::make(const Opened& opened, const std::string& load,
                                                   mongo::LoadSink& sink) {
  std::unique_ptr<LoadBench> bench(new LoadBench(opened, load, sink));
  PENSTOCK_ASSIGN(bench->writer_, bench->patience_.wait([&] { return sink.writer(load); }));
  PENSTOCK_ASSIGN(bench->projector_, plain_projector(bench->settings_));
  bench->kept_ = sink.kept_state();
  PENSTOCK_ASSIGN(bench->views_,
                  bench->patience_.wait([&] { return shared_views(bench->settings_, *bench->kept_); }));
  return bench;
}

Result<const postgres::TextRows*> LoadBench::reader_of(const std::string& table) {
  if (const auto known = readers_.find(table); known != readers_.end()) return &known->second;
  const auto tables = settings_.tables();
  const auto of = std::find_if(tables.begin(), tables.end(),
                               [&](const auto& one) { return to_string(one.name) == table; });
  if (of == tables.end())
    return fail(ErrorKind::kUsage, "no collection of the pipeline is made from the table " + table);
  auto reader = patience_.wait([&]() -> Result<postgres::TextRows> {
    PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(settings_.source.postgres));
    PENSTOCK_ASSIGN(const auto described, describe(connection, settings_, *of));
    return postgres::TextRows::make(connection, described);
  });
  if (!reader) return fail(std::move(reader).error());
  return &readers_.emplace(table, std::move(*reader)).first->second;
}

Status LoadBench::write(const std::string& table, const PackedRows& rows, Counts& counts) {
  PENSTOCK_ASSIGN(const postgres::TextRows* reader, reader_of(table));
  counts.records = rows.rows();
  if (rows.rows() > 0 && rows.columns != reader->schema()->columns.size())
    return fail(ErrorKind::kSchemaChanged,
                "rows of " + table + " have " + std::to_string(rows.columns) + " columns, the table has " +
                    std::to_string(reader->schema()->columns.size()),
                "its columns were changed since the load began: begin it anew");
  auto batch = std::make_shared<EventBatch>();
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    PENSTOCK_TRY(reader->add(rows.values.data() + row * rows.columns, writer_.begun_micros, *batch));
    const bool is_full =
        batch->events.size() >= settings_.groups.rows || batch->bytes() >= settings_.groups.bytes;
    if (is_full) PENSTOCK_TRY(commit(std::exchange(batch, std::make_shared<EventBatch>()), counts));
  }
  return batch->events.empty() ? Status{} : commit(batch, counts);
}

Status LoadBench::commit(const EventBatchPtr& batch, Counts& counts) {
  WriteGroup group;
  PENSTOCK_TRY(projector_->project(*batch, 0, batch->events.size(), group));
  if (views_) PENSTOCK_TRY(views_->load(*batch, 0, batch->events.size(), group));
  group.rows = batch->events.size();
  group.bytes = batch->bytes();
  group.batches.push_back(batch);
  const std::size_t rows = group.rows;
  PENSTOCK_ASSIGN(const auto staged, sink_.stage(std::move(group)));
  PENSTOCK_ASSIGN(const CommitResult result, patience_.wait([&] { return writer_.lane->commit(*staged); }));
  counts.applied += rows;
  counts.dead_letters += result.dead_letters;
  ++counts.transactions;
  return {};
}

Status LoadBench::build() {
  if (!views_) return {};
  WriteGroup group;
  views_->build(group, writer_.begun_micros);
  PENSTOCK_ASSIGN(const auto staged, sink_.stage(std::move(group)));
  return patience_.wait([&] { return writer_.lane->commit(*staged); }).map([](const CommitResult&) {});
}

}  // namespace penstock::library
