#include "sink/mongo/letters/letter_box.h"

#include <algorithm>
#include <utility>

#include "sink/mongo/apply/bulk.h"
#include "sink/mongo/client.h"
#include "sink/mongo/letters/letter_fields.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/state/letter_marks.h"
#include "sink/mongo/state/records.h"

namespace penstock::mongo {
namespace {

Bson id_filter(const Letter& letter) {
  return Bson::copy(reinterpret_cast<const std::uint8_t*>(letter.stored_id.data()), letter.stored_id.size());
}

class MongoLetterBox : public LetterBox {
 public:
  MongoLetterBox(std::shared_ptr<Clients> clients, std::string database, std::string pipeline)
      : connection_(std::move(clients)), database_(std::move(database)), pipeline_(std::move(pipeline)) {}

  Result<std::vector<LetterCount>> count(const std::string& collection) override {
    PENSTOCK_ASSIGN(const std::vector<std::string> boxes, boxes_of(collection));
    std::vector<LetterCount> counts;
    for (const std::string& box : boxes) PENSTOCK_TRY(count_in(box, counts));
    std::stable_sort(counts.begin(), counts.end(),
                     [](const LetterCount& a, const LetterCount& b) { return a.letters > b.letters; });
    return counts;
  }

  Result<std::vector<Letter>> list(const std::string& collection, std::size_t limit) override {
    PENSTOCK_ASSIGN(const std::vector<std::string> boxes, boxes_of(collection));
    std::vector<Letter> letters;
    for (const std::string& box : boxes) {
      Find find;
      find.filter.put_text("_id.pipeline", pipeline_);
      find.projection.put_int("row", 0).put_int("record", 0);
      if (limit > 0) find.sort.put_int("at", -1);
      find.limit = static_cast<std::int64_t>(limit);
      find.read_concern = "majority";
      PENSTOCK_ASSIGN(
          const std::vector<Bson> found,
          to_result(connection_.find(database_, box, find, nullptr, "reading the letters in " + box)));
      for (const Bson& document : found) letters.push_back(letter_from(box, document));
    }
    std::stable_sort(letters.begin(), letters.end(),
                     [](const Letter& a, const Letter& b) { return a.at_millis > b.at_millis; });
    if (limit > 0 && letters.size() > limit) letters.resize(limit);
    return letters;
  }

  Result<LetterContents> contents(const Letter& letter) override {
    Find find;
    find.filter = id_filter(letter);
    find.limit = 1;
    find.read_concern = "majority";
    PENSTOCK_ASSIGN(const std::vector<Bson> found,
                    to_result(connection_.find(database_, letter.box, find, nullptr, "reading a letter")));
    if (found.empty())
      return fail(ErrorKind::kUsage, "the letter " + letter.id + " is gone: its row was written meanwhile");
    return contents_from(found.front());
  }

  Status mark(const std::vector<Letter>& letters, const std::string& token) override {
    for (const std::string& box : boxes_among(letters)) {
      Bulk bulk(connection_, database_, box, nullptr);
      for (const Letter& letter : letters)
        if (letter.box == box)
          bulk.update(id_filter(letter), letter_mark(reread_handle(letter.table, letter.key), token));
      PENSTOCK_TRY(to_result(discarded(bulk.execute("marking letters in " + box))));
    }
    return {};
  }

  Result<bool> any_waits(const std::vector<Letter>& letters, const std::string& token) override {
    for (const std::string& box : boxes_among(letters)) {
      Find find;
      find.filter.put("retry", Bson().put_bool("$exists", true)).put_text("retry_token", token);
      find.projection.put_int("_id", 1);
      find.limit = 1;
      find.read_concern = "majority";
      PENSTOCK_ASSIGN(const std::vector<Bson> found,
                      to_result(connection_.find(database_, box, find, nullptr,
                                                 "looking for letters that wait in " + box)));
      if (!found.empty()) return true;
    }
    return false;
  }

  Result<std::uint64_t> remove(const std::vector<Letter>& letters) override {
    std::uint64_t removed = 0;
    for (const std::string& box : boxes_among(letters)) {
      Bulk bulk(connection_, database_, box, nullptr);
      for (const Letter& letter : letters)
        if (letter.box == box) bulk.remove(id_filter(letter));
      PENSTOCK_ASSIGN(const BulkCounts counts, to_result(bulk.execute("removing letters from " + box)));
      removed += counts.removed;
    }
    return removed;
  }

  Result<std::optional<bool>> has_document(const Letter& letter) override {
    if (letter.document_id.empty() || letter.collection.empty()) return std::optional<bool>();
    Find find;
    find.limit = 1;
    find.filter = Bson::copy(reinterpret_cast<const std::uint8_t*>(letter.document_id.data()),
                             letter.document_id.size());
    find.projection = std::move(Bson().put_int("_id", 1));
    find.read_concern = "majority";
    PENSTOCK_ASSIGN(
        const std::vector<Bson> found,
        to_result(connection_.find(database_, letter.collection, find, nullptr, "looking for a document")));
    return std::optional<bool>(!found.empty());
  }

 private:
  static Tried<void> discarded(Tried<BulkCounts> counts) {
    if (!counts) return tl::unexpected<Failure>(std::move(counts).error());
    return {};
  }

  static std::vector<std::string> boxes_among(const std::vector<Letter>& letters) {
    std::vector<std::string> boxes;
    for (const Letter& letter : letters)
      if (std::find(boxes.begin(), boxes.end(), letter.box) == boxes.end()) boxes.push_back(letter.box);
    return boxes;
  }

  Result<std::vector<std::string>> boxes_of(const std::string& collection) {
    if (!collection.empty()) return std::vector<std::string>{dead_letter_collection(collection)};
    const Bson name = std::move(Bson().put_text("$regex", "_dead_letters$"));
    Bson command;
    command.put_int("listCollections", 1).put("filter", Bson().put("name", name)).put_bool("nameOnly", true);
    command.put("cursor", Bson().put_int("batchSize", 1000000));
    PENSTOCK_ASSIGN(const Bson reply,
                    to_result(connection_.read(database_, command, nullptr, "listing the collections")));
    std::vector<std::string> boxes;
    for (const Bson& box : documents_at(reply.get(), "cursor.firstBatch"))
      boxes.push_back(text_at(box.get(), "name").value_or(""));
    std::sort(boxes.begin(), boxes.end());
    return boxes;
  }

  Status count_in(const std::string& box, std::vector<LetterCount>& counts) {
    Bson group;
    group.put(
        "_id",
        Bson().put_text("collection", "$collection").put_text("kind", "$kind").put_text("remedy", "$remedy"));
    group.put("letters", Bson().put_int("$sum", 1)).put("example", Bson().put_text("$first", "$error"));
    group.put("reason", Bson().put_text("$first", "$reason"));
    // Only what is shown goes through the sort: rows and records are large.
    Bson shown;
    for (const char* field : {"collection", "kind", "remedy", "error", "reason", "at"})
      shown.put_int(field, 1);
    BsonList all;
    all.add(Bson().put("$match", Bson().put_text("_id.pipeline", pipeline_)));
    all.add(Bson().put("$project", shown));
    all.add(Bson().put("$sort", Bson().put_int("at", -1)));
    all.add(Bson().put("$group", group));
    Bson command;
    command.put_text("aggregate", box).put_array("pipeline", all.elements()).put_bool("allowDiskUse", true);
    command.put("cursor", Bson().put_int("batchSize", 10000));
    command.put("readConcern", Bson().put_text("level", "majority"));
    PENSTOCK_ASSIGN(const Bson reply, to_result(connection_.read(database_, command, nullptr,
                                                                 "counting the letters in " + box)));
    for (const Bson& group_of : documents_at(reply.get(), "cursor.firstBatch"))
      counts.push_back(count_from(group_of));
    return {};
  }

  Connection connection_;
  const std::string database_;
  const std::string pipeline_;
};

}  // namespace

Result<std::unique_ptr<LetterBox>> LetterBox::open(const std::string& uri, const std::string& database,
                                                   const std::string& pipeline) {
  PENSTOCK_ASSIGN(auto clients, Clients::open(uri, Clients::Kind::kSeparate));
  return std::unique_ptr<LetterBox>(std::make_unique<MongoLetterBox>(std::move(clients), database, pipeline));
}

}  // namespace penstock::mongo
