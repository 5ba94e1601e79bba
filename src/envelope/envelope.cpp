#include "envelope/envelope.h"

#include <fmt/format.h>

#include <iterator>

namespace penstock::envelope {
namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// The commit before and the change, as a JSON string that holds a JSON array of strings.
std::string sequence_of(const Origin& origin) {
  const std::string before =
      origin.last_commit.is_set() ? fmt::format(R"(\"{}\")", origin.last_commit.value) : "null";
  return fmt::format(R"("[{},\"{}\"]")", before, origin.lsn.value);
}

SourceParts source_parts(const Options& options, std::string_view schema, std::string_view table) {
  return {fmt::format(R"({{"version":"{}","connector":"postgresql","name":{},"ts_ms":)", kVersion,
                      json(options.server)),
          json(options.database), R"("schema":)" + json(schema) + R"(,"table":)" + json(table)};
}

void append_source(std::string& out, const SourceParts& parts, const Origin& origin) {
  fmt::format_to(std::back_inserter(out),
                 R"({}{},"snapshot":"{}","db":{},"sequence":{},"ts_us":{},"ts_ns":{},{},"txId":)", parts.head,
                 origin.commit_micros / 1000, origin.snapshot, parts.database, sequence_of(origin),
                 origin.commit_micros, origin.commit_micros * 1000, parts.table);
  fmt::format_to(std::back_inserter(out), R"({},"lsn":{},"xmin":null,"origin":null,"origin_lsn":null}})",
                 origin.transaction ? std::to_string(*origin.transaction) : "null", origin.lsn.value);
}

void append_transaction(std::string& out, const std::optional<TransactionBlock>& transaction) {
  out += R"(,"transaction":)";
  if (!transaction) {
    out += "null";
    return;
  }
  fmt::format_to(std::back_inserter(out), R"({{"id":"{}","total_order":{},"data_collection_order":{}}})",
                 transaction->id, transaction->total_order, transaction->data_collection_order);
}

}  // namespace

void append_message_key(std::string& out, std::string_view prefix) {
  out += R"({"prefix":)" + json(prefix) + "}";
}

void append_message_value(std::string& out, const Options& options, const Message& message) {
  fmt::format_to(std::back_inserter(out), R"({{"op":"m","ts_ms":{},"source":)",
                 message.now_nanos / 1'000'000);
  append_source(out, source_parts(options, "", ""), message.origin);
  append_transaction(out, message.transaction);
  fmt::format_to(std::back_inserter(out), R"(,"message":{{"prefix":{},"content":"{}"}}}})",
                 json(message.prefix), text_of_bytes(message.content, options.binary));
}

TableEnvelope::TableEnvelope(const Options& options, const TableFacts& facts)
    : table_(facts.schema + "." + facts.table) {
  const auto field = [&](std::size_t place) -> std::optional<Field> {
    const ColumnFacts& column = facts.columns[place];
    const auto form = form_of(column, options);
    if (!form) return std::nullopt;
    return Field{place, json(column.name) + ":", ValueWriter(column, *form, options)};
  };
  for (std::size_t i = 0; i < facts.columns.size(); ++i) {
    if (!facts.columns[i].taken) continue;
    if (auto made = field(i)) {
      fields_.push_back(std::move(*made));
    } else {
      left_out_.push_back(facts.columns[i].name);
    }
  }
  for (const std::uint16_t place : facts.key) {
    if (auto made = field(place)) key_.push_back(std::move(*made));
  }
  source_ = source_parts(options, facts.schema, facts.table);
}

Status TableEnvelope::append_fields(std::string& out, const std::vector<Field>& fields, const Value* row,
                                    bool old) const {
  out += '{';
  bool first = true;
  for (const Field& field : fields) {
    if (!first) out += ',';
    first = false;
    out += field.name;
    if (old && row[field.place].is_unchanged()) {
      field.writer.append_absent(out);
      continue;
    }
    if (Status written = field.writer.append(out, row[field.place]); !written) {
      Error error = std::move(written).error();
      error.message = "table " + table_ + ", " + error.message;
      return fail(std::move(error));
    }
  }
  out += '}';
  return {};
}

Status TableEnvelope::append_row(std::string& out, const Value* row, bool old) const {
  if (row != nullptr) return append_fields(out, fields_, row, old);
  out += "null";
  return {};
}

Status TableEnvelope::append_key(std::string& out, const Value* row) const {
  return append_fields(out, key_, row, false);
}

Status TableEnvelope::append_value(std::string& out, const Change& change) const {
  out += R"({"before":)";
  PENSTOCK_TRY(append_row(out, change.before, true));
  out += R"(,"after":)";
  PENSTOCK_TRY(append_row(out, change.after, false));
  out += R"(,"source":)";
  append_source(out, source_, change.origin);
  append_transaction(out, change.transaction);
  fmt::format_to(std::back_inserter(out), R"(,"op":"{}","ts_ms":{},"ts_us":{},"ts_ns":{}}})",
                 static_cast<char>(change.operation), change.now_nanos / 1'000'000, change.now_nanos / 1000,
                 change.now_nanos);
  return {};
}

}  // namespace penstock::envelope
