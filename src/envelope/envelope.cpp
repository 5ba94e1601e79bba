#include "envelope/envelope.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "base/log.h"
#include "envelope/envelope_schemas.h"

namespace penstock::envelope {
namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

constexpr std::uint64_t kSayAgain = 10000;

std::string& append(std::string& out, std::string_view text) { return out.append(text); }

// By hand: a format's text would be read again for each event.
template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 20> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

}  // namespace

std::string sequence_text(const Origin& origin) {
  const std::string before =
      origin.last_commit.is_set() ? fmt::format(R"("{}")", origin.last_commit.value) : "null";
  return fmt::format(R"([{},"{}"])", before, origin.lsn.value);
}

SourceParts source_parts(const Options& options, std::string_view schema, std::string_view table) {
  return {fmt::format(R"({{"version":"{}","connector":"postgresql","name":{},"ts_ms":)", kVersion,
                      json(options.server)),
          json(options.database), R"("schema":)" + json(schema) + R"(,"table":)" + json(table)};
}

void append_source(std::string& out, const SourceParts& parts, const Origin& origin) {
  append_number(append(out, parts.head), origin.commit_micros / 1000);
  append(append(append(out, R"(,"snapshot":")"), origin.snapshot), R"(","db":)");
  append(append(out, parts.database), R"(,"sequence":"[)");
  if (origin.last_commit.is_set()) {
    append_number(append(out, R"(\")"), origin.last_commit.value);
    append(out, R"(\")");
  } else {
    append(out, "null");
  }
  append_number(append(out, R"(,\")"), origin.lsn.value);
  append_number(append(out, R"(\"]","ts_us":)"), origin.commit_micros);
  append_number(append(out, R"(,"ts_ns":)"), origin.commit_micros * 1000);
  append(append(append(out, ","), parts.table), R"(,"txId":)");
  if (origin.transaction) {
    append_number(out, *origin.transaction);
  } else {
    append(out, "null");
  }
  append_number(append(out, R"(,"lsn":)"), origin.lsn.value);
  append(out, R"(,"xmin":null,"origin":null,"origin_lsn":null})");
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

TableEnvelope::TableEnvelope(const Options& options, const TableFacts& facts)
    : table_(facts.schema + "." + facts.table), failures_(options.failures) {
  const auto field = [&](std::size_t place, bool in_key) -> std::optional<Field> {
    const ColumnFacts& column = facts.columns[place];
    const auto form = form_of(column, options);
    if (!form) return std::nullopt;
    const bool may_fail = !in_key && !column.not_null && options.failures != FailureMode::kFail;
    return Field{place, json(column.name) + ":", ValueWriter(column, *form, options), may_fail};
  };
  for (std::size_t i = 0; i < facts.columns.size(); ++i) {
    if (!facts.columns[i].taken) continue;
    if (auto made = field(i, false)) {
      fields_.push_back(std::move(*made));
    } else {
      left_out_.push_back(facts.columns[i].name);
    }
  }
  for (const std::uint16_t place : facts.key) {
    if (auto made = field(place, true)) key_.push_back(std::move(*made));
  }
  source_ = source_parts(options, facts.schema, facts.table);
  if (options.key_schemas || options.value_schemas) name_schemas(options, facts);
}

// Once for the shape of a table: the texts are as long as ten events.
void TableEnvelope::name_schemas(const Options& options, const TableFacts& facts) {
  const auto named = [&](const Field& field, bool in_key) {
    const ColumnFacts& column = field.writer.column();
    const ColumnForm& form = field.writer.form();
    ConnectSchema schema = in_key ? schema_of(column, form, options) : value_schema_of(column, form, options);
    schema.optional = !column.not_null;
    schema.default_value = column.default_json;
    return SchemaField{column.name, std::move(schema)};
  };
  const std::string name = adjusted(facts.topic, options.names);
  for (const Field& field : fields_) row_fields_.push_back(named(field, false));
  row_schema_ = struct_of(row_fields_, name + ".Value");
  row_schema_.optional = true;
  if (options.key_schemas) {
    std::vector<SchemaField> key;
    for (const Field& field : key_) key.push_back(named(field, true));
    key_head_ = with_schema(struct_of(key, name + ".Key"));
    key_tail_ += '}';
  }
  if (!options.value_schemas) return;
  value_head_ = with_schema(envelope_schema(row_schema_, name + ".Envelope"));
  value_tail_ += '}';
}

const ValueWriter* TableEnvelope::writer_of(std::string_view column, std::size_t& place) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const Field& field) { return field.writer.column().name == column; });
  if (found == fields_.end()) return nullptr;
  place = found->place;
  return &found->writer;
}

Status TableEnvelope::failed(std::string& out, const Field& field, Error error) const {
  error.message = "table " + table_ + ", " + error.message;
  if (!field.may_fail) return fail(std::move(error));
  const std::uint64_t times = ++*field.failed;
  if (failures_ == FailureMode::kWarn && (times == 1 || times % kSayAgain == 0))
    log::warn("{}: null is written in its place ({} so far); {}", error.message, times, error.remedy);
  out += "null";
  return {};
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
    const std::size_t before = out.size();
    if (Status written = field.writer.append(out, row[field.place]); !written) {
      out.resize(before);
      PENSTOCK_TRY(failed(out, field, std::move(written).error()));
    }
  }
  return {};
}

Status TableEnvelope::append_open_row(std::string& out, const Value* row, bool old) const {
  return append_fields(out, fields_, row, old);
}

Status TableEnvelope::append_row(std::string& out, const Value* row, bool old) const {
  if (row == nullptr) {
    out += "null";
    return {};
  }
  PENSTOCK_TRY(append_fields(out, fields_, row, old));
  out += '}';
  return {};
}

Status TableEnvelope::append_key(std::string& out, const Value* row) const {
  out += key_head_;
  PENSTOCK_TRY(append_fields(out, key_, row, false));
  out += '}';
  out += key_tail_;
  return {};
}

Status TableEnvelope::append_plain_key(std::string& out, const Value* row) const {
  PENSTOCK_TRY(append_fields(out, key_, row, false));
  out += '}';
  return {};
}

Status TableEnvelope::append_value(std::string& out, const Change& change) const {
  out += value_head_;
  out += R"({"before":)";
  PENSTOCK_TRY(append_row(out, change.before, true));
  out += R"(,"after":)";
  PENSTOCK_TRY(append_row(out, change.after, false));
  out += R"(,"source":)";
  append_source(out, source_, change.origin);
  append_transaction(out, change.transaction);
  append(out, R"(,"op":")") += static_cast<char>(change.operation);
  append_number(append(out, R"(","ts_ms":)"), change.now_nanos / 1'000'000);
  append_number(append(out, R"(,"ts_us":)"), change.now_nanos / 1000);
  append_number(append(out, R"(,"ts_ns":)"), change.now_nanos);
  out += '}';
  out += value_tail_;
  return {};
}

}  // namespace penstock::envelope
