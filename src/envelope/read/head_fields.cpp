#include "envelope/read/head_fields.h"

#include <charconv>

#include "envelope/read/inline_split.h"

namespace penstock::envelope {
namespace {

namespace dom = simdjson::dom;

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// As a number, or as a text of one.
template <class Number>
std::optional<Number> number_of(const dom::element& value) {
  std::uint64_t number = 0;
  std::string_view text;
  if (value.get(number) == simdjson::SUCCESS && number <= std::numeric_limits<Number>::max())
    return static_cast<Number>(number);
  if (value.get(text) == simdjson::SUCCESS) return number_of<Number>(text);
  return std::nullopt;
}

bool take(std::string_view& text, std::string_view wanted) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

// null or "123" from the front.
bool take_lsn(std::string_view& text, std::optional<Lsn>& lsn) {
  if (take(text, "null")) return true;
  if (!take(text, "\"")) return false;
  const std::size_t end = text.find('"');
  if (end == std::string_view::npos) return false;
  const auto number = number_of<std::uint64_t>(text.substr(0, end));
  if (!number) return false;
  lsn = Lsn{*number};
  text.remove_prefix(end + 1);
  return true;
}

// ["24023119","24023128"]: the newest commit before, and the change.
bool read_sequence(std::string_view text, Place& place) {
  std::optional<Lsn> commit, lsn;
  if (!take(text, "[") || !take_lsn(text, commit) || !take(text, ",") || !take_lsn(text, lsn) ||
      !take(text, "]"))
    return false;
  place.last_commit = commit;
  if (lsn) place.lsn = lsn;
  return true;
}

// source.snapshot: true, first, first_in_data_collection, last, …
void read_snapshot(std::string_view text, Place& place) {
  place.incremental = text == "incremental";
  place.begins_load = text.starts_with("first");
  place.ends_load = text.starts_with("last");
}

tl::unexpected<Error> no_field(std::string_view name, const dom::element& value) {
  std::string text;
  std::string_view shown;
  if (value.get(shown) == simdjson::SUCCESS) text = " \"" + std::string(shown.substr(0, 80)) + "\"";
  return fail(ErrorKind::kBadValue,
              "the field " + std::string(name) + text + " is not what Debezium writes there");
}

}  // namespace

std::optional<Operation> operation_of(std::string_view letter) {
  constexpr std::string_view kLetters = "rcudtm";
  if (letter.size() != 1 || kLetters.find(letter) == std::string_view::npos) return std::nullopt;
  return static_cast<Operation>(letter.front());
}

Status read_source(const dom::object& source, RecordHead& head) {
  std::optional<std::int64_t> micros, millis;
  for (const dom::key_value_pair field : source) {
    const std::string_view name = field.key;
    const dom::element& value = field.value;
    if (value.is_null()) continue;
    std::string_view text;
    std::int64_t number = 0;
    const bool is_text = value.get(text) == simdjson::SUCCESS;
    const bool is_number = !is_text && value.get(number) == simdjson::SUCCESS;
    if (name == "ts_us" && is_number) {
      micros = number;
    } else if (name == "ts_ms" && is_number) {
      millis = number;
    } else if (name == "schema" && is_text) {
      head.table.schema = text;
    } else if (name == "table" && is_text) {
      head.table.name = text;
    } else if (name == "snapshot" && is_text) {
      read_snapshot(text, head.place);
    } else if (name == "lsn" && is_number && number >= 0) {
      if (!head.place.lsn) head.place.lsn = Lsn{static_cast<std::uint64_t>(number)};
    } else if (name == "txId") {
      head.transaction = number_of<std::uint32_t>(value);
      if (!head.transaction) return no_field("source.txId", value);
    } else if (name == "sequence") {
      if (!is_text || !read_sequence(text, head.place)) return no_field("source.sequence", value);
    }
  }
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 1000;
  if (micros) {
    head.commit_micros = *micros;
  } else if (millis && *millis<kMost&& * millis> - kMost) {
    head.commit_micros = *millis * 1000;
  }
  return {};
}

Status read_transaction_block(const dom::object& block, RecordHead& head) {
  TransactionBlock made;
  std::string_view id;
  if (block["id"].get(id) != simdjson::SUCCESS ||
      block["total_order"].get(made.total_order) != simdjson::SUCCESS ||
      block["data_collection_order"].get(made.data_collection_order) != simdjson::SUCCESS) {
    return fail(ErrorKind::kBadValue,
                "the field transaction is not {id, total_order, data_collection_order}");
  }
  made.id = id;
  head.block = std::move(made);
  return {};
}

bool read_added(std::string_view name, const dom::element& value, RecordHead& head) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return read_added(name, text, head);
  std::int64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS) return false;
  return read_added(name, std::to_string(number), head);
}

bool read_added(std::string_view name, std::string_view text, RecordHead& head) {
  const std::string_view source = name.starts_with("source_") ? name.substr(7) : name;
  if (source == "op") {
    const auto operation = operation_of(text);
    if (operation) head.operation = *operation;
    return operation.has_value();
  }
  if (source == "lsn") {
    const auto lsn = number_of<std::uint64_t>(text);
    if (lsn && !head.place.lsn) head.place.lsn = Lsn{*lsn};
    return lsn.has_value();
  }
  if (source == "sequence") return read_sequence(text, head.place);
  if (source == "txId") {
    head.transaction = number_of<std::uint32_t>(text);
    return head.transaction.has_value();
  }
  if (source == "ts_us" || source == "ts_ms") {
    const auto time = number_of<std::int64_t>(text);
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 1000;
    if (!time || *time > kMost || *time < -kMost) return false;
    const bool precise = source == "ts_us";
    if (head.commit_micros == 0 || name != source) head.commit_micros = precise ? *time : *time * 1000;
    return true;
  }
  if (source == "schema") head.table.schema = text;
  if (source == "table") head.table.name = text;
  if (source == "snapshot") read_snapshot(text, head.place);
  return source == "schema" || source == "table" || source == "snapshot";
}

std::optional<RecordHead> read_record_head(std::string_view value) {
  if (const auto split = split_inline(value)) value = split->payload;
  dom::parser parser;
  dom::object record, source;
  std::string_view letter;
  if (parser.parse(value.data(), value.size()).get(record) != simdjson::SUCCESS ||
      record["source"].get(source) != simdjson::SUCCESS || record["op"].get(letter) != simdjson::SUCCESS)
    return std::nullopt;
  const auto operation = operation_of(letter);
  RecordHead head;
  if (!operation || *operation == Operation::kMessage) return std::nullopt;
  head.operation = *operation;
  head.place.snapshot = head.operation == Operation::kRead;
  if (!read_source(source, head)) return std::nullopt;
  if (dom::object block; record["transaction"].get(block) == simdjson::SUCCESS)
    static_cast<void>(read_transaction_block(block, head));  // one that is none says nothing
  return head;
}

Result<TransactionRecord> read_transaction_record(std::string_view value) {
  const auto wrong = [](std::string_view what) {
    return fail(ErrorKind::kBadValue, "this is no record of a transaction topic: " + std::string(what));
  };
  if (const auto split = split_inline(value)) value = split->payload;
  dom::parser parser;
  dom::object record;
  if (const auto code = parser.parse(value.data(), value.size()).get(record); code != simdjson::SUCCESS)
    return wrong(simdjson::error_message(code));
  TransactionRecord made;
  std::string_view status, id;
  if (record["status"].get(status) != simdjson::SUCCESS || (status != "BEGIN" && status != "END"))
    return wrong("its status is neither BEGIN nor END");
  if (record["id"].get(id) != simdjson::SUCCESS) return wrong("it has no id");
  made.end = status == "END";
  made.id = id;
  made.transaction = number_of<std::uint32_t>(id.substr(0, id.find(':')));
  if (record["ts_ms"].get(made.millis) != simdjson::SUCCESS) made.millis = 0;
  if (!made.end) return made;
  if (record["event_count"].get(made.events) != simdjson::SUCCESS) return wrong("an END without event_count");
  dom::array collections;
  if (record["data_collections"].get(collections) != simdjson::SUCCESS) return made;  // null: without events
  for (const dom::element item : collections) {
    TransactionRecord::Collection collection;
    std::string_view name;
    if (item["data_collection"].get(name) != simdjson::SUCCESS ||
        item["event_count"].get(collection.events) != simdjson::SUCCESS) {
      return wrong("a collection without data_collection or event_count");
    }
    collection.name = name;
    made.collections.push_back(std::move(collection));
  }
  return made;
}

}  // namespace penstock::envelope
