// Records of real Debezium 3.5.0 in every handling mode, with the rows as PostgreSQL 15 printed them:
// recorded/ has the records (records.jsonl), the tables' columns (columns.jsonl) and the rows (rows.jsonl).
#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "model/number_text.h"
#include "unit/envelope/read/rows.h"

namespace penstock::envelope {
namespace {

namespace dom = simdjson::dom;

// The lines of a file beside this one, parsed.
template <class Take>
void each_line(const char* name, Take take) {
  // A relative path is relative to the build folder, where the compiler ran and ctest runs.
  const std::filesystem::path here(__FILE__);
  std::ifstream in(here.parent_path() / "recorded" / name);
  ASSERT_TRUE(in) << name;
  std::string line;
  dom::parser parser;
  while (std::getline(in, line)) take(dom::element(parser.parse(line)));
}

std::string text_in(const dom::element& object, const char* name) {
  return std::string(object[name].get_string().value());
}

std::map<std::string, std::shared_ptr<TableSchema>> tables() {
  std::map<std::string, std::shared_ptr<TableSchema>> all;
  each_line("columns.jsonl", [&](const dom::element& line) {
    auto& schema = all[text_in(line, "table")];
    if (!schema) schema = std::make_shared<TableSchema>();
    schema->table = {"public", text_in(line, "table")};
    schema->key = {0};
    Column column;
    column.name = text_in(line, "name");
    column.type_oid = static_cast<std::uint32_t>(line["oid"].get_int64().value());
    column.type_modifier = static_cast<std::int32_t>(line["modifier"].get_int64().value());
    column.type_name = text_in(line, "type");
    column.base_type_oid = static_cast<std::uint32_t>(line["base"].get_int64().value());
    schema->columns.push_back(column);
  });
  return all;
}

using TextRow = std::map<std::string, std::optional<std::string>>;

// By "types 1".
std::map<std::string, TextRow> rows() {
  std::map<std::string, TextRow> all;
  each_line("rows.jsonl", [&](const dom::element& line) {
    TextRow row;
    const dom::object fields = line["row"].get_object().value();
    for (const auto field : fields) {
      std::string_view text;
      auto& value = row[std::string(field.key)];
      if (field.value.get(text) == simdjson::SUCCESS) value = text;
    }
    const std::string name = text_in(line, "table") + " " + *row["id"];
    all[name] = std::move(row);
  });
  return all;
}

Options options_of(const std::string& mode) {
  Options options;
  if (mode == "text") {
    options.decimals = DecimalMode::kString;
    options.times = TimeMode::kIsoString;
    options.intervals = IntervalMode::kString;
    options.binary = BinaryMode::kHex;
    options.hstore = HstoreMode::kMap;
  } else if (mode == "connect") {
    options.decimals = DecimalMode::kDouble;
    options.times = TimeMode::kConnect;
    options.binary = BinaryMode::kBase64;
    options.unavailable = "gone";
  } else if (mode == "nanos") {
    options.times = TimeMode::kNanoseconds;
    options.binary = BinaryMode::kBase64UrlSafe;
  } else if (mode == "micros") {
    options.times = TimeMode::kMicroseconds;
  } else if (mode == "day") {
    options.times = TimeMode::kAdaptiveMicroseconds;
  }
  return options;
}

// What the events lose: modes (empty: all but those named elsewhere), column, PostgreSQL's text, what is
// read.
struct Loss {
  std::string modes, row, column, left;
};
const std::vector<Loss>& losses() {
  static const std::vector<Loss> all = {
      // Zeros at the end of numeric's fraction, where the column declares no scale.
      {"plain nanos micros day schemas flat connect", "types 1", "nn", "123.45"},
      {"plain nanos micros day schemas flat connect", "extra 1", "nva", "{1.5,100000000000000000000}"},
      // The zone of timetz.
      {"*", "types 1", "ttz", "01:04:05.5+00"},
      {"*", "types 4", "ttz", "10:00:00+00"},
      {"*", "types 5", "ttz", "07:59:59.999999+00"},
      // Days and months of an interval that is a number.
      {"plain nanos micros day schemas flat connect", "types 1", "iv", "10303:05:06.789"},
      {"plain nanos micros day schemas flat connect", "types 4", "iv", "-10159:05:06.789"},
      // The length of bit varying.
      {"*", "types 4", "vb", "0"},
      // Kafka Connect's milliseconds.
      {"connect", "types 1", "ts", "2024-01-02 03:04:05.123"},
      {"connect", "types 1", "tm", "03:04:05.123"},
      {"connect", "types 4", "ts", "1969-12-31 23:59:59.999"},
      {"connect", "extra 1", "tsa", "{\"2024-01-02 03:04:05.123\"}"},
      // Doubles.
      {"connect", "types 5", "m", "$90,000,000,000,000.06"},
      {"connect", "extra 1", "big", "-12345678901234567000.0000000000"},
      // Debezium's own: 24:00:00 as ISO, arrays of bit(n), box by way of Java.
      {"text", "types 4", "tm", "00:00:00"},
      {"*", "extra 1", "bta", "NULL"},
      {"plain", "extra 1", "bx", "(1.0,1.0),(0.0,0.0)"},
  };
  return all;
}

std::optional<std::string> loss_of(const std::string& mode, const std::string& row,
                                   const std::string& column) {
  for (const Loss& loss : losses())
    if (loss.row == row && loss.column == column &&
        (loss.modes == "*" || loss.modes.find(mode) != std::string::npos))
      return loss.left;
  return std::nullopt;
}

std::string printed(const Column& column, const Value& value) {
  constexpr std::uint32_t kReal = 700;
  std::string real;
  if (column.type_oid == kReal && value.get<double>() != nullptr) {
    append_real(real, *value.get<double>());
    return real;
  }
  if (value.is_null()) return "NULL";
  if (const bool* truth = value.get<bool>()) return *truth ? "true" : "false";  // as a cast to text has it
  return to_text(value);
}

TEST(RecordsOfDebezium, AreReadAsPostgresqlPrintsTheirRows) {
  const auto known = tables();
  const auto expected = rows();
  std::size_t compared = 0;
  std::map<std::string, std::set<std::string>> left_out;
  each_line("records.jsonl", [&](const dom::element& line) {
    const std::string mode = text_in(line, "mode");
    const std::string table = text_in(line, "topic");
    if (table == "toast") return;
    EventReader reader({options_of(mode)}, known.at(table));
    EventBatch batch;
    const std::string key = text_in(line, "key");
    const std::string value = text_in(line, "value");
    const auto read = reader.read(bytes_of(key, value), batch);
    ASSERT_TRUE(read) << mode << " " << table << ": " << read.error().text();
    const Event& event = batch.events.at(0);
    const std::string name = table + " " + to_text(event.after[0]);
    for (const auto& [column, text] : expected.at(name)) {
      const auto place = event.schema->find(column);
      if (!place) {
        left_out[mode].insert(column);
        continue;
      }
      const std::string wanted = loss_of(mode, name, column).value_or(text.value_or("NULL"));
      EXPECT_EQ(printed(event.schema->columns[*place], event.after[*place]), wanted)
          << mode << " " << name << " " << column;
      ++compared;
      // The same alternative as from PostgreSQL's text.
      const Column& described = event.schema->columns[*place];
      const bool plain = described.type_oid < 16384 && !event.after[*place].get<bool>() && wanted != "NULL";
      if (!plain) continue;
      Arena arena;
      EXPECT_EQ(rendered(event.after[*place]), rendered(decoded(described, wanted, arena)))
          << mode << " " << name << " " << column;
    }
  });
  EXPECT_GT(compared, 1500U);
  const std::set<std::string> never{"iva", "ma", "vba", "pa"};
  std::set<std::string> without_opaque = never;
  without_opaque.insert({"bx", "pr", "mr", "tq", "lsn"});
  EXPECT_EQ(left_out["plain"], never) << "with include.unknown.datatypes";
  EXPECT_EQ(left_out["micros"], without_opaque);
}

TEST(RecordsOfDebezium, UnchangedToastIsUnchangedInEveryMode) {
  const auto known = tables();
  std::size_t updates = 0;
  each_line("records.jsonl", [&](const dom::element& line) {
    if (text_in(line, "topic") != "toast") return;
    const std::string mode = text_in(line, "mode");
    EventReader reader({options_of(mode)}, known.at("toast"));
    EventBatch batch;
    const std::string key = text_in(line, "key");
    const std::string value = text_in(line, "value");
    const auto read = reader.read(bytes_of(key, value), batch);
    ASSERT_TRUE(read) << mode << ": " << read.error().text();
    const Event& event = batch.events.at(0);
    ++updates;
    EXPECT_EQ(event.kind, EventKind::kUpdate) << mode;
    for (const char* const column : {"long", "codes", "raw"}) {
      const bool lost = std::string(column) == "raw" && (mode == "connect" || mode == "nanos");
      const Value& read_value = event.after[*event.schema->find(column)];
      EXPECT_TRUE(lost ? read_value.is_null() : read_value.is_unchanged()) << mode << " " << column;
    }
    EXPECT_EQ(to_text(event.after[*event.schema->find("small")]), "2");
    EXPECT_EQ(read->doubtful, mode == "connect" || mode == "nanos") << mode;
  });
  EXPECT_EQ(updates, 16U);
}

}  // namespace
}  // namespace penstock::envelope
