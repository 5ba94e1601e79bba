// Any bytes are safe for the reader of Debezium's events, and what it reads is PostgreSQL's text. The first
// byte chooses the handling modes, the second how many bytes are the key; the rest is the value.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "envelope/read/event_reader.h"
#include "pgtype/decoder.h"

namespace {

using namespace penstock;
using envelope::EventReader;

Result<pgtype::TypeInfo> fetch(std::uint32_t oid) {
  pgtype::TypeInfo info;
  info.oid = oid;
  info.name = "hstore";
  return info;
}

std::shared_ptr<const TableSchema> table() {
  auto schema = std::make_shared<TableSchema>();
  schema->table = {"public", "t"};
  schema->replica_identity = 'f';
  const auto add = [&](const char* name, std::uint32_t oid, const char* type, std::int32_t modifier = -1) {
    schema->columns.push_back({name, oid, modifier, type});
  };
  add("a", 23, "integer");
  add("b", 25, "text");
  add("c", 1700, "numeric(10,2)", 655366);
  add("d", 1700, "numeric");
  add("e", 1082, "date");
  add("f", 1114, "timestamp");
  add("g", 1184, "timestamptz");
  add("h", 1083, "time");
  add("i", 1266, "timetz");
  add("j", 1186, "interval");
  add("k", 17, "bytea");
  add("l", 1560, "bit(5)", 5);
  add("m", 600, "point");
  add("n", 100001, "hstore");
  add("o", 790, "money");
  add("p", 701, "double precision");
  add("q", 1007, "integer[]");
  add("r", 1231, "numeric[]");
  add("s", 3904, "int4range");
  add("t", 603, "box");
  add("u", 2950, "uuid");
  schema->key = {0};
  return schema;
}

envelope::ReadOptions options_of(std::uint8_t choice) {
  envelope::ReadOptions options;
  options.values.decimals = static_cast<envelope::DecimalMode>(choice % 3);
  options.values.times = static_cast<envelope::TimeMode>(choice / 3 % 6);
  options.values.binary = static_cast<envelope::BinaryMode>(choice / 18 % 4);
  return options;
}

// A value's text is one that PostgreSQL could have printed.
void require_text(const Column& column, const Value& value) {
  if (value.is_null() || value.is_unchanged()) return;
  pgtype::TypeCatalog catalog(fetch);
  const auto decoder = pgtype::decoder_for(column.type_oid, catalog);
  Arena arena;
  const auto again = (*decoder)->decode(arena.copy(to_text(value)), arena);
  if (!again || !same_value(*again, value)) std::abort();
}

void require_row(const TableSchema& schema, const Value* row, bool catalog) {
  if (row == nullptr) return;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (catalog) {
      require_text(schema.columns[i], row[i]);
    } else if (describe(row[i]).empty()) {
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kTable = table();
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t key = data[1] < input.size() ? data[1] : input.size();
  const bool catalog = data[0] < 216;
  EventReader reader(options_of(data[0]), catalog ? kTable : nullptr);
  EventBatch batch;
  for (const bool null : {false, true}) {
    envelope::RecordBytes record{input.substr(0, key), input.substr(key), {{"__op", "u"}}};
    if (null) record.value.reset();
    const auto read = reader.read(record, batch);
    if (!read && read.error().message.empty()) std::abort();
  }
  for (const Event& event : batch.events) {
    require_row(*event.schema, event.before, catalog);
    require_row(*event.schema, event.after, catalog);
  }
  static_cast<void>(envelope::read_transaction_record(input));
  return 0;
}
