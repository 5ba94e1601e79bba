#include "app/settings/setting_table.h"

namespace penstock::app {
namespace {

using enum SettingType;

// Descriptions are Markdown and end up in docs/configuration.md and in editors.
const std::vector<Setting> kSettings{
    {"pipeline", kText, true, "", "",
     "Name of the pipeline: letters, digits, `_` and `-`, at most 48. Names the slot, the publication and "
     "the state."},

    {"source", kSection, true, "", "", "The PostgreSQL database the rows come from."},
    {"source.connector", kText, false, "", "",
     "A Debezium connector file, as it is, instead of `postgres`, `slot` and `publication`: its path, from "
     "the pipeline file's folder. It also gives `kafka.prefix` and `kafka.events`."},
    {"source.postgres", kText, false, "", "",
     "Any libpq URI or conninfo string. The role needs REPLICATION, CONNECT, USAGE on the schemas and SELECT "
     "on the tables, "
     "nothing more; `penstock setup` makes it."},
    {"source.slot", kText, false, "<pipeline>_slot", "",
     "Replication slot, made by `load` and `run` when missing."},
    {"source.publication", kText, false, "<pipeline>_pub", "",
     "Publication that carries the tables. It may carry others too: they are ignored."},
    {"source.create_publication", kBool, false, "true", "",
     "Whether `load` and `run` may create a missing publication, where the role has the right to. An "
     "existing one is "
     "never changed by them."},
    {"source.catalog_interval", kCount, false, "10", "",
     "Seconds between two comparisons of the tables with the catalog, which find changes that send no rows, "
     "such as "
     "`ADD COLUMN … DEFAULT`."},

    {"sink", kSection, true, "", "", "The MongoDB database the documents go to."},
    {"sink.mongodb", kText, true, "", "",
     "MongoDB connection string: a replica set, a sharded cluster, or a standalone."},
    {"sink.database", kText, true, "", "",
     "Database of the collections and of the state (`penstock_…` collections)."},
    {"sink.delivery", kChoice, false, "exactly_once", "exactly_once|idempotent",
     "`exactly_once`: groups of source transactions become MongoDB transactions with the position inside. "
     "`idempotent`: "
     "for a standalone mongod, which has no transactions: same order per document, a replay converges, a "
     "reader may see "
     "half a source transaction."},

    {"state", kText, false, ".penstock/", "",
     "Local state directory: the rows that read models are made of. A cache: losing it costs a reload, never "
     "data. Plain collections keep nothing in it."},
    {"state_cache", kSize, false, "48MiB", "", "Memory for pages of the state."},
    {"keep_previous", kBool, false, "false", "",
     "Whether a read model that was built anew leaves the collection it replaces behind, as "
     "`penstock_previous_<name>`, until the next one. Otherwise it is dropped."},

    {"metadata", kSection, false, "", "", "Fields that are added to every document."},
    {"metadata.change", kText, false, "", "",
     "Name of a field that says what last happened to the row: `inserted`, `updated` or `deleted`. Rows of "
     "the first load "
     "are `inserted`."},
    {"metadata.time", kText, false, "", "", "Name of a field with the commit time of that change (Date)."},

    {"deletes", kChoice, false, "hard", "hard|soft",
     "`hard`: a deleted row's document is deleted. `soft`: it is kept as it last was and its change field "
     "becomes "
     "`deleted`; needs `metadata.change`."},
    {"errors", kChoice, false, "stop", "stop|dead_letter",
     "What to do with a row that cannot be converted or that MongoDB cannot hold. `stop`: stop with an error "
     "that names "
     "it. `dead_letter`: park it with its reason in the collection `<name>_dead_letters` and go on."},

    {"load", kSection, false, "", "", "Tuning of the first load and of reloads."},
    {"load.readers", kCount, false, "2", "",
     "Chunks read from PostgreSQL at the same time, over all tables."},
    {"load.writers", kCount, false, "2", "", "Chunks written to MongoDB at the same time."},
    {"load.chunk_rows", kCount, false, "20000", "", "Rows of a chunk: one read, one MongoDB transaction."},
    {"load.chunk_bytes", kSize, false, "4MiB", "", "A chunk ends early when its rows exceed this."},

    {"groups", kSection, false, "", "",
     "Bounds of one MongoDB transaction of the stream. A lone commit is written at once; a backlog in groups "
     "up to these. "
     "A larger source transaction is split."},
    {"groups.rows", kCount, false, "10000", "", "Row changes in one group."},
    {"groups.bytes", kSize, false, "4MiB", "", "Bytes in one group, as estimated in memory."},

    {"journal", kSwitch, false, "false", "",
     "Whether `run` keeps every event of the stream and of loads in a folder of its own, compressed, for "
     "`penstock replay` (docs/replay.md). `true`, or a map of the settings below."},
    {"journal.folder", kText, false, "<`journal` in `state`>", "",
     "Where it is kept. One pipeline, one folder; not on a disk that another machine writes to."},
    {"journal.keep", kDuration, false, "30d", "",
     "What is older goes, a segment at a time, the oldest first. What is left makes a collection anew only "
     "from the next whole load of its tables on."},
    {"journal.keep_bytes", kSize, false, "10GiB", "", "So does what is more than this, likewise."},

    {"kafka", kSection, false, "", "",
     "The topics that `penstock capture` writes and `penstock apply` reads."},
    {"kafka.brokers", kText, false, "", "", "`host:port`, several with commas."},
    {"kafka.prefix", kText, false, "<pipeline>", "",
     "The topics are `<prefix>.<schema>.<table>`; what Kafka does not allow in their names becomes `_`."},
    {"kafka.share", kBool, false, "false", "",
     "Several `penstock apply` processes of this pipeline share the topics' partitions through a consumer "
     "group "
     "(docs/apply-workers.md)."},
    {"kafka.events", kTexts, false, "", "",
     "How the values in the topics are written, for `apply`: Debezium's settings by their names, "
     "`decimal.handling.mode`, `time.precision.mode`, `binary.handling.mode`, `hstore.handling.mode`, "
     "`interval.handling.mode`, `money.fraction.digits`, `unavailable.value.placeholder`."},
    {"kafka.settings", kTexts, false, "", "",
     "librdkafka's settings by their names, such as `security.protocol`, `sasl.mechanisms`, `sasl.username`, "
     "`sasl.password`, `ssl.ca.location`."},

    {"collections", kSectionMap, true, "", "",
     "The collections by name; at least one. Several may come from one table. Names beginning with "
     "`penstock_` or "
     "`system.` are taken."},
    {"collections.*.from", kTable, true, "", "",
     "`schema.table`, as they are in the catalog: upper and lower case differ. A name with a dot is put in "
     "double quotes: "
     "`'public.\"order.lines\"'`."},
    {"collections.*.key", kNames, false, "<primary key>", "",
     "For a table without a primary key: the columns of a unique NOT NULL index, which is then its replica "
     "identity."},
    {"collections.*.id", kFields, false, "<key>", "",
     "`_id` from other columns than the key: a column, a list of columns, or fields as in `fields`. One "
     "column gives its "
     "value, several a document. The replica identity must cover them, and they must be unique."},
    {"collections.*.where", kSql, false, "", "",
     "Condition over the row (and its embeds). A row for which it is not true has no document; one that "
     "leaves "
     "it loses its document. Unlike a row filter of the publication it is for this collection alone."},
    {"collections.*.fields", kFields, false, "<every column under its own name>", "",
     "A list of columns; or a map: `\"*\": true` (every column), `name: column` (a column under another "
     "name), "
     "`column: true` (under its own), `column: false` (left out of `\"*\"`), `name: expression`, "
     "`column: { as: TYPE }` or `name: { sql: expression, as: TYPE }` (as another BSON type: int, long, "
     "double, "
     "decimal, string, bool, date, binary, objectId, json), and `name: { … }` with neither `sql` nor `as`: a "
     "sub-document of such fields. Without `\"*\"` only the fields named are there, and the embeds."},
    {"collections.*.embed", kEmbeds, false, "", "",
     "Rows of other tables inside the document, by the name of their field. One replaces a column of the "
     "same "
     "name that `\"*\"` brings; a field of the same name under `fields` is an error."},
    {"collections.*.group_by", kFields, false, "", "",
     "Makes the collection a summary, one document per group: a column, a list of columns (also of `one` "
     "embeds: "
     "`product.category`), or a map of names to columns and expressions. `_id` is the key's value, or for "
     "several the document of them. `fields` then holds aggregates: `count(*)`, `sum(quantity)`. NULL is a "
     "group; an empty group has no document."},
    {"collections.*.deletes", kChoice, false, "<deletes of the pipeline>", "hard|soft",
     "`deletes` for this collection."},
    {"collections.*.indexes", kSectionList, false, "", "",
     "Indexes, created before the first document. Only `_id` is unique: a unique index could refuse, in the "
     "middle of a "
     "group, a state that PostgreSQL had."},
    {"collections.*.indexes[].keys", kIndexKeys, true, "", "",
     "Field names with `1`, `-1`, `text`, `hashed`, `2d` or `2dsphere`, in order."},
    {"collections.*.indexes[].name", kText, false, "<made from the keys>", "", "Name of the index."},
    {"collections.*.indexes[].sparse", kBool, false, "false", "", "Leave out documents without the fields."},
    {"collections.*.indexes[].hidden", kBool, false, "false", "", "Hide the index from the query planner."},
    {"collections.*.indexes[].partialFilterExpression", kAny, false, "", "",
     "Index only documents that match."},
    {"collections.*.indexes[].collation", kAny, false, "", "", "Collation of the index."},
    {"collections.*.indexes[].weights", kAny, false, "", "", "Weights of a text index."},
    {"collections.*.indexes[].default_language", kText, false, "", "", "Language of a text index."},
    {"collections.*.indexes[].wildcardProjection", kAny, false, "", "", "Fields of a wildcard index."},

    {"embed.*.many", kTable, false, "", "",
     "The table (`schema.table`) whose rows are an array here. Either `many` or `one` is required."},
    {"embed.*.one", kTable, false, "", "",
     "The table whose row is a document here; null where there is none. Of several the first by `order_by`, "
     "then by key."},
    {"embed.*.using", kNames, false, "", "",
     "Join columns that are called the same in both tables. Without `using`, `join` and `through` the only "
     "foreign key between the two tables is taken, whichever of them has it."},
    {"embed.*.join", kPairs, false, "", "",
     "Join columns: `{ column of the embedded table: column of the owner }`. NULL joins nothing."},
    {"embed.*.through", kSection, false, "", "",
     "A table between the two (many-to-many), whose rows do not show themselves."},
    {"embed.*.through.from", kTable, true, "", "", "`schema.table` of the table between."},
    {"embed.*.through.owner", kPairs, false, "<its only foreign key to the owner>", "",
     "`{ its column: column of the owner }`, or columns called the same in both."},
    {"embed.*.through.embedded", kPairs, false, "<its only foreign key to the embedded table>", "",
     "`{ its column: column of the embedded table }`, or columns called the same in both."},
    {"embed.*.through.table_key", kNames, false, "<primary key>", "", "As `table_key` of an embed."},
    {"embed.*.table_key", kNames, false, "<primary key>", "",
     "For a table without a primary key: the columns of a unique NOT NULL index, as `key` of a collection."},
    {"embed.*.where", kSql, false, "", "", "Only rows for which this is true. It may name `parent.column`."},
    {"embed.*.order_by", kSqlList, false, "<key>", "",
     "Expressions with `desc`, `nulls first` or `nulls last`, as in SQL: `placed desc, name`; or a list of "
     "them. NULLs sort last unless said otherwise, also with `desc`. Ties go by key."},
    {"embed.*.limit", kCount, false, "", "",
     "The first so many rows only. Aggregates over the embed see all of them."},
    {"embed.*.max_array", kCount, false, "", "",
     "A guard: a document that would show more rows than this is an error that names its key (`errors`), "
     "instead "
     "of growing towards MongoDB's 16 MB."},
    {"embed.*.depth", kCount, false, "1", "",
     "For a table inside itself (category → parent): how many levels are shown."},
    {"embed.*.fields", kFields, false, "<every column under its own name>", "",
     "As `fields` of a collection. Expressions name columns of the embedded row, of its embeds "
     "(`product.name`, "
     "`sum(parts.weight)`) and of the rows around it (`parent.column`)."},
    {"embed.*.embed", kEmbeds, false, "", "", "Embeds of the embedded rows, to any depth."},
    {"embed.*.shape", kChoice, false, "list", "list|map|values",
     "Of a `many`: `list` is an array of documents, `map` one document with a field for each row, `values` "
     "an "
     "array of single values."},
    {"embed.*.key", kSql, false, "<the embedded row's key>", "",
     "With `shape: map`: what names a row's field. (The key columns of the table are `table_key`.)"},
    {"embed.*.value", kSql, false, "", "",
     "With `shape: values` or `map`: the value of a row, instead of a document of its fields."},
    {"embed.*.hidden", kBool, false, "false", "",
     "Whether the rows are there for expressions only and not shown."},
    {"embed.*.merge", kBool, false, "false", "",
     "Of a `one`: whether its fields stand among those of the owner, instead of in a document of their own."},
};

const std::vector<DeferredSetting> kDeferred{
    {"collections.*.journal", "\"journal\" is a setting of the pipeline, not of a collection"},
    {"collections.*.indexes[].unique",
     "unique indexes are refused: within a group of changes MongoDB would see states that PostgreSQL never "
     "had, and stop "
     "the pipeline; uniqueness is held by PostgreSQL already, so drop \"unique\" (\"_id\" is always unique)"},
    {"collections.*.indexes[].expireAfterSeconds",
     "an index that lets documents expire is refused: the documents would no longer be the rows; delete the "
     "rows in "
     "PostgreSQL"},
};

std::string_view section_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

}  // namespace

const std::vector<Setting>& setting_table() { return kSettings; }
const std::vector<DeferredSetting>& deferred_settings() { return kDeferred; }

const Setting* find_setting(std::string_view path) {
  for (const Setting& setting : kSettings)
    if (setting.path == path) return &setting;
  return nullptr;
}

const DeferredSetting* find_deferred(std::string_view path) {
  for (const DeferredSetting& setting : kDeferred)
    if (setting.path == path) return &setting;
  return nullptr;
}

std::vector<const Setting*> settings_of(std::string_view section) {
  std::vector<const Setting*> found;
  for (const Setting& setting : kSettings)
    if (section_of(setting.path) == section) found.push_back(&setting);
  return found;
}

std::string_view key_of(const Setting& setting) {
  const std::size_t dot = setting.path.rfind('.');
  return dot == std::string_view::npos ? setting.path : setting.path.substr(dot + 1);
}

std::vector<std::string> split_choices(std::string_view choices) {
  std::vector<std::string> parts;
  while (!choices.empty()) {
    const std::size_t bar = choices.find('|');
    parts.emplace_back(choices.substr(0, bar));
    if (bar == std::string_view::npos) break;
    choices.remove_prefix(bar + 1);
  }
  return parts;
}

}  // namespace penstock::app
