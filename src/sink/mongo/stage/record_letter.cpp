#include "sink/mongo/stage/record_letter.h"

#include <string>
#include <string_view>

#include "sink/mongo/stage/dead_letter.h"

namespace penstock::mongo {
namespace {

// Together below the 16 MiB of a document.
constexpr std::size_t kMaxKey = std::size_t{1} << 20;
constexpr std::size_t kMaxHeaders = std::size_t{1} << 20;
constexpr std::size_t kMaxValue = std::size_t{12} << 20;

void put_bytes(Bson& document, const std::string& name, const std::optional<std::string>& bytes,
               std::size_t most) {
  if (!bytes) {
    document.put_null(name);
    return;
  }
  document.put_binary(name, std::string_view(*bytes).substr(0, most));
  if (bytes->size() > most) document.put_unsigned(name + "_bytes", bytes->size());
}

Bson headers_of(const RejectedRecord& record) {
  BsonList headers;
  for (const RecordHeader& header : record.headers) {
    if (headers.elements().size() > kMaxHeaders) break;
    Bson one;
    one.put_text("name", std::string_view(header.name).substr(0, kMaxKey));
    put_bytes(one, "value", header.value, kMaxHeaders);
    headers.add(one);
  }
  return Bson::copy(headers.elements().get());
}

Bson record_of(const RejectedRecord& record) {
  Bson document;
  put_bytes(document, "key", record.key, kMaxKey);
  put_bytes(document, "value", record.value, kMaxValue);
  document.put_array("headers", headers_of(record));
  if (record.timestamp_millis != 0) document.put_date("timestamp", record.timestamp_millis);
  return document;
}

DeadLetter letter_for(const std::string& pipeline, const std::string& collection,
                      const RejectedRecord& record) {
  DeadLetter letter;
  letter.collection = collection.empty() ? kDeadLetters : dead_letter_collection(collection);
  Bson id;
  id.put_text("pipeline", pipeline).put_text("topic", record.topic);
  id.put_long("partition", record.partition).put_long("offset", record.offset);
  letter.document.put("_id", id);
  if (!collection.empty()) letter.document.put_text("collection", collection);
  if (!record.table.empty()) letter.document.put_text("table", record.table);
  if (!record.row_key.empty()) {
    letter.document.put_texts("columns", record.row_columns).put_texts("key", record.row_key);
  }
  put_reason(letter.document, record.error);
  letter.document.put("record", record_of(record));
  return letter;
}

}  // namespace

std::vector<DeadLetter> dead_letters_of(const Options& options, const RejectedRecord& record) {
  std::vector<DeadLetter> letters;
  const auto made = options.made_from.find(record.table);
  if (made != options.made_from.end())
    for (const std::string& collection : made->second)
      letters.push_back(letter_for(options.pipeline, collection, record));
  if (letters.empty()) letters.push_back(letter_for(options.pipeline, "", record));
  return letters;
}

}  // namespace penstock::mongo
