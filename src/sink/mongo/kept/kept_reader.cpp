#include "sink/mongo/kept/kept_reader.h"

#include <bson/bson.h>

#include <utility>

#include "sink/mongo/state/collections.h"
#include "sink/mongo/state/removal.h"

namespace penstock::mongo {
namespace {

Bson one_of(const std::vector<std::string>& values) {
  Bson elements;
  for (std::size_t i = 0; i < values.size(); ++i) elements.put_binary(std::to_string(i), values[i]);
  Bson condition;
  condition.put_array("$in", elements);
  return condition;
}

KeptRow row_from(const Bson& document) {
  KeptRow row;
  row.key = binary_at(document.get(), "_id").value_or("");
  row.layout = unsigned_at(document.get(), kept::kLayout);
  row.values = binary_at(document.get(), kept::kValues).value_or("");
  return row;
}

KeptMark mark_from(const Bson& document) {
  KeptMark mark;
  mark.id = binary_at(document.get(), "_id").value_or("");
  mark.kind = static_cast<KeptMark::Kind>(unsigned_at(document.get(), kept::kKind));
  mark.lane = text_at(document.get(), kept::kLane).value_or("");
  mark.collection = text_at(document.get(), kept::kCollection).value_or("");
  mark.number = unsigned_at(document.get(), kept::kNumber);
  mark.depth = unsigned_at(document.get(), kept::kDepth);
  mark.start = binary_at(document.get(), kept::kStart).value_or("");
  mark.after = binary_at(document.get(), kept::kAfter);
  mark.mark = binary_at(document.get(), kept::kMark).value_or("");
  return mark;
}

class Reader final : public KeptState {
 public:
  Reader(std::shared_ptr<Clients> clients, std::string database, std::string pipeline)
      : connection_(std::move(clients)), database_(std::move(database)), pipeline_(std::move(pipeline)) {}

  Result<std::vector<KeptRow>> rows(const std::string& table, const std::vector<std::string>& keys) override {
    if (keys.empty()) return std::vector<KeptRow>();
    Find find;
    find.filter.put("_id", one_of(keys));
    return rows_of(table, std::move(find));
  }

  Result<std::vector<KeptRow>> joined(const std::string& table, std::size_t index,
                                      const std::vector<std::string>& values) override {
    if (values.empty()) return std::vector<KeptRow>();
    Find find;
    find.filter.put(kept::join_field(index), one_of(values));
    return rows_of(table, std::move(find));
  }

  Result<std::vector<KeptRow>> page(const KeptPage& page) override {
    Find find;
    if (page.index) {
      find.filter.put_binary(kept::join_field(*page.index), page.value);
    } else {
      find.filter.put_int(kept::kBucket, static_cast<std::int32_t>(page.bucket));
    }
    if (page.after) find.filter.put("_id", Bson().put_binary("$gt", *page.after));
    find.sort.put_int("_id", 1);
    find.limit = static_cast<std::int64_t>(page.limit);
    if (page.keys_only) find.projection.put_int("_id", 1);
    return rows_of(page.table, std::move(find));
  }

  Result<std::optional<std::string>> layout(std::uint64_t number) override {
    Find find;
    find.filter.put_unsigned("_id", number);
    PENSTOCK_ASSIGN(const auto found, ask(kept::kLayouts, std::move(find), "reading a layout of kept rows"));
    if (found.empty()) return std::optional<std::string>();
    return binary_at(found.front().get(), kept::kColumns);
  }

  Result<std::vector<KeptMark>> marks(const std::string& lane, std::size_t limit) override {
    Find find;
    find.filter.put_text(kept::kPipeline, pipeline_).put_text(kept::kLane, lane);
    find.sort.put_int(kept::kKind, -1).put_int(kept::kStart, 1);
    find.limit = static_cast<std::int64_t>(limit);
    PENSTOCK_ASSIGN(const auto found, ask(kept::kMarks, std::move(find), "reading marks of documents"));
    std::vector<KeptMark> marks;
    marks.reserve(found.size());
    for (const Bson& document : found) marks.push_back(mark_from(document));
    return marks;
  }

  Result<KeptEntries> entries(const std::vector<std::string>& names) override {
    if (names.empty()) return KeptEntries();
    Find find;
    find.filter.put("_id", Bson().put_texts("$in", names));
    return entries_of(std::move(find));
  }

  Result<KeptEntries> range(const std::string& from, const std::string& to, bool backward,
                            std::size_t limit) override {
    Find find;
    find.filter.put("_id", Bson().put_text("$gte", from).put_text("$lt", to));
    find.sort.put_int("_id", backward ? -1 : 1);
    find.limit = static_cast<std::int64_t>(limit);
    return entries_of(std::move(find));
  }

  Result<std::vector<std::string>> names(const std::string& from, const std::string& to,
                                         std::size_t limit) override {
    Find find;
    find.filter.put("_id", Bson().put_text("$gte", from).put_text("$lt", to));
    find.sort.put_int("_id", 1);
    find.limit = static_cast<std::int64_t>(limit);
    find.projection.put_int("_id", 1);
    PENSTOCK_ASSIGN(const auto found, ask(kept::kSummaries, std::move(find), "reading what summaries keep"));
    std::vector<std::string> names;
    names.reserve(found.size());
    for (const Bson& document : found) names.push_back(text_at(document.get(), "_id").value_or(""));
    return names;
  }

 private:
  Result<std::vector<Bson>> ask(const std::string& collection, Find find, const char* what) {
    find.read_concern = "majority";
    return to_result(connection_.find(database_, collection, find, nullptr, what));
  }

  Result<std::vector<KeptRow>> rows_of(const std::string& table, Find find) {
    PENSTOCK_ASSIGN(const auto found,
                    ask(kept::rows_of(pipeline_, table), std::move(find), "reading kept rows"));
    std::vector<KeptRow> rows;
    rows.reserve(found.size());
    for (const Bson& document : found) rows.push_back(row_from(document));
    return rows;
  }

  Result<KeptEntries> entries_of(Find find) {
    PENSTOCK_ASSIGN(const auto found, ask(kept::kSummaries, std::move(find), "reading what summaries keep"));
    KeptEntries entries;
    entries.reserve(found.size());
    for (const Bson& document : found)
      entries.emplace_back(text_at(document.get(), "_id").value_or(""),
                           binary_at(document.get(), kept::kValue).value_or(""));
    return entries;
  }

  Connection connection_;
  const std::string database_, pipeline_;
};

CollectionOptions rows_collection(const std::string& pipeline, const KeptTable& table) {
  CollectionOptions collection;
  collection.name = kept::rows_of(pipeline, table.name);
  for (std::size_t i = 0; i < table.joins; ++i)
    collection.indexes.push_back({"", {{kept::join_field(i), "1"}, {"_id", "1"}}, ""});
  if (table.root) collection.indexes.push_back({"", {{kept::kBucket, "1"}, {"_id", "1"}}, ""});
  return collection;
}

Status remove(Connection& connection, const std::string& database, const char* collection,
              const Bson& filter) {
  BsonList statements;
  statements.add(Bson().put("q", filter).put_int("limit", 0));
  Bson command;
  command.put_text("delete", collection).put_array("deletes", statements.elements());
  return to_result(connection.write(database, command, nullptr, "forgetting what read models keep"))
      .map([](const Bson&) {});
}

}  // namespace

std::unique_ptr<KeptState> make_kept_reader(std::shared_ptr<Clients> clients, const std::string& database,
                                            const std::string& pipeline) {
  return std::make_unique<Reader>(std::move(clients), database, pipeline);
}

Result<std::vector<std::string>> marked_lanes(Connection& connection, const std::string& database,
                                              const std::string& pipeline) {
  Bson command;
  command.put_text("distinct", kept::kMarks).put_text("key", kept::kLane);
  command.put("query", Bson().put_text(kept::kPipeline, pipeline));
  command.put("readConcern", Bson().put_text("level", "majority"));
  PENSTOCK_ASSIGN(const Bson reply,
                  to_result(connection.read(database, command, nullptr, "looking for marks of documents")));
  return texts_at(reply.get(), "values").value_or(std::vector<std::string>{});
}

Status ensure_kept(Connection& connection, const std::string& database, const std::string& pipeline,
                   const std::vector<KeptTable>& tables) {
  for (const KeptTable& table : tables)
    PENSTOCK_TRY(create_collection(connection, database, rows_collection(pipeline, table)));
  CollectionOptions marks;
  marks.name = kept::kMarks;
  marks.indexes.push_back(
      {"", {{kept::kPipeline, "1"}, {kept::kLane, "1"}, {kept::kKind, "-1"}, {kept::kStart, "1"}}, ""});
  PENSTOCK_TRY(create_collection(connection, database, marks));
  for (const char* name : {kept::kLayouts, kept::kSummaries}) {
    CollectionOptions collection;
    collection.name = name;
    PENSTOCK_TRY(create_collection(connection, database, collection));
  }
  return {};
}

Status drop_kept(Connection& connection, const std::string& database, const std::string& pipeline) {
  const std::string prefix = kept::rows_prefix(pipeline);
  PENSTOCK_ASSIGN(const auto names, collection_names(connection, database));
  // Layouts stay: rows of other pipelines may have the same.
  for (const std::string& name : names)
    if (name.starts_with(prefix)) PENSTOCK_TRY(drop_collection(connection, database, name));
  PENSTOCK_TRY(remove(connection, database, kept::kMarks, Bson().put_text(kept::kPipeline, pipeline)));
  const std::string entries = kept::entry_prefix(pipeline);  // it ends with a blank, and '!' comes after that
  const std::string end = entries.substr(0, entries.size() - 1) + '!';
  return remove(connection, database, kept::kSummaries,
                Bson().put("_id", Bson().put_text("$gte", entries).put_text("$lt", end)));
}

Status drop_unused_layouts(Connection& connection, const std::string& database) {
  PENSTOCK_ASSIGN(const auto names, collection_names(connection, database));
  for (const std::string& name : names)
    if (name.starts_with(kept::kAllRows)) return {};
  return drop_collection(connection, database, kept::kLayouts);
}

}  // namespace penstock::mongo
