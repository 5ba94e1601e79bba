#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <regex>
#include <utility>

#include "app/connector/capture_settings.h"
#include "app/connector/connector_source.h"
#include "app/connector/known_settings.h"
#include "app/connector/setting_reader.h"
#include "app/connector/transforms.h"
#include "app/nearest.h"

namespace penstock::app {
namespace {

constexpr std::string_view kConnectorClass = "io.debezium.connector.postgresql.PostgresConnector";
constexpr std::string_view kJsonConverter = "org.apache.kafka.connect.json.JsonConverter";

Status check_known(const ConnectorFile& file, std::vector<std::string>& remarks) {
  for (const auto& [name, value] : file.settings) {
    const KnownSetting* known = find_known_setting(name);
    if (known == nullptr) {
      std::vector<std::string> names;
      for (const KnownSetting& one : known_settings()) names.emplace_back(one.name);
      remarks.push_back(fmt::format("\"{}\" is no setting of Debezium's{}", name, did_you_mean(name, names)));
      continue;
    }
    const bool harmless =
        value.empty() ||
        ("|" + std::string(known->harmless) + "|").find("|" + value + "|") != std::string::npos;
    if (known->treatment == Treatment::kSaid && !harmless)
      remarks.push_back(fmt::format("\"{}\" has no effect: {}", name, known->reason));
    if (known->treatment == Treatment::kRefused && !harmless)
      return fail(ErrorKind::kConfiguration,
                  fmt::format("{}: \"{}\": \"{}\" is not supported, and without it the events would differ",
                              file.file, name, value),
                  std::string(known->reason));
  }
  return {};
}

std::string conninfo_part(std::string_view name, const std::string& value) {
  std::string out = fmt::format("{}='", name);
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "' ";
}

Result<SourceSettings> read_source(const SettingReader& in) {
  SourceSettings source;
  static constexpr std::array<std::pair<const char*, const char*>, 10> kParts{
      {{"host", "database.hostname"},
       {"port", "database.port"},
       {"user", "database.user"},
       {"password", "database.password"},
       {"dbname", "database.dbname"},
       {"sslmode", "database.sslmode"},
       {"sslcert", "database.sslcert"},
       {"sslkey", "database.sslkey"},
       {"sslpassword", "database.sslpassword"},
       {"sslrootcert", "database.sslrootcert"}}};
  for (const char* needed : {"database.hostname", "database.user", "database.dbname"})
    if (in.text(needed).empty()) return fail(in.error(needed, "is missing"));
  for (const auto& [part, setting] : kParts) {
    const std::string value = in.text(setting);
    if (!value.empty()) source.postgres += conninfo_part(part, value);
  }
  source.slot = in.text("slot.name", "debezium");
  source.publication = in.text("publication.name", "dbz_publication");
  source.catalog_interval = std::chrono::seconds(10);
  return source;
}

Status read_choice(const SettingReader& in, TableChoice& choice) {
  PENSTOCK_ASSIGN(choice.include_schemas, in.patterns("schema.include.list"));
  PENSTOCK_ASSIGN(choice.exclude_schemas, in.patterns("schema.exclude.list"));
  PENSTOCK_ASSIGN(choice.include_tables, in.patterns("table.include.list"));
  PENSTOCK_ASSIGN(choice.exclude_tables, in.patterns("table.exclude.list"));
  for (const std::string kind : {"schema", "table", "column"}) {
    if (!in.text(kind + ".include.list").empty() && !in.text(kind + ".exclude.list").empty())
      return fail(in.error(kind + ".include.list", "and \"" + kind + ".exclude.list\" are both there"));
  }
  return {};
}

// column.truncate.to.20.chars, column.mask.with.12.chars, column.mask.hash.SHA-256.with.salt.x
std::optional<envelope::Mask> mask_named(const std::string& name) {
  static const std::regex kTruncate(R"(column\.truncate\.to\.(\d+)\.chars)");
  static const std::regex kAsterisks(R"(column\.mask\.with\.(\d+)\.chars)");
  static const std::regex kHash(R"(column\.mask\.hash\.(v2\.)?([^.]+)\.with\.salt\.(.+))");
  envelope::Mask mask;
  std::smatch parts;
  if (std::regex_match(name, parts, kTruncate)) {
    mask.length = std::stoul(parts[1].str());
    return mask;
  }
  if (std::regex_match(name, parts, kAsterisks)) {
    mask.kind = envelope::Mask::Kind::kAsterisks;
    mask.length = std::stoul(parts[1].str());
    return mask;
  }
  if (!std::regex_match(name, parts, kHash)) return std::nullopt;
  mask.kind = envelope::Mask::Kind::kHash;
  mask.second = parts[1].matched;
  mask.digest = parts[2].str();
  mask.salt = parts[3].str();
  return mask;
}

Status read_columns(const SettingReader& in, const ConnectorFile& file, envelope::ColumnRules& rules) {
  PENSTOCK_ASSIGN(rules.include, in.patterns("column.include.list"));
  PENSTOCK_ASSIGN(rules.exclude, in.patterns("column.exclude.list"));
  for (const auto& [name, value] : file.settings) {
    if (!name.starts_with("column.truncate.") && !name.starts_with("column.mask.")) continue;
    const auto mask = mask_named(name);
    if (!mask) return fail(in.error(name, "is not one that Debezium knows"));
    if (Status known = check(*mask); !known) return fail(in.error(name, known.error().message));
    PENSTOCK_ASSIGN(auto columns, in.patterns(name));
    rules.masks.push_back({std::move(columns), std::make_shared<const envelope::Mask>(*mask)});
  }
  PENSTOCK_ASSIGN(rules.source_types, in.patterns("column.propagate.source.type"));
  PENSTOCK_ASSIGN(rules.source_types_of, in.patterns("datatype.propagate.source.type"));
  auto keys = envelope::parse_key_columns(in.text("message.key.columns"));
  if (!keys) return fail(in.error("message.key.columns", keys.error().message));
  rules.keys = std::move(*keys);
  return {};
}

std::string unhexed(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

}  // namespace

Status read_values(const SettingReader& in, envelope::Options& values) {
  using namespace envelope;
  values.server = in.text("topic.prefix", in.text("database.server.name"));
  if (values.server.empty()) return fail(in.error("topic.prefix", "is missing"));
  PENSTOCK_ASSIGN(values.decimals,
                  in.choice<DecimalMode>("decimal.handling.mode", {{"precise", DecimalMode::kPrecise},
                                                                   {"double", DecimalMode::kDouble},
                                                                   {"string", DecimalMode::kString}}));
  PENSTOCK_ASSIGN(values.times,
                  in.choice<TimeMode>("time.precision.mode",
                                      {{"adaptive", TimeMode::kAdaptive},
                                       {"adaptive_time_microseconds", TimeMode::kAdaptiveMicroseconds},
                                       {"connect", TimeMode::kConnect},
                                       {"microseconds", TimeMode::kMicroseconds},
                                       {"nanoseconds", TimeMode::kNanoseconds},
                                       {"isostring", TimeMode::kIsoString}}));
  PENSTOCK_ASSIGN(values.binary, in.choice<BinaryMode>("binary.handling.mode",
                                                       {{"bytes", BinaryMode::kBytes},
                                                        {"base64", BinaryMode::kBase64},
                                                        {"base64-url-safe", BinaryMode::kBase64UrlSafe},
                                                        {"hex", BinaryMode::kHex}}));
  PENSTOCK_ASSIGN(values.hstore, in.choice<HstoreMode>("hstore.handling.mode", {{"json", HstoreMode::kJson},
                                                                                {"map", HstoreMode::kMap}}));
  PENSTOCK_ASSIGN(values.intervals,
                  in.choice<IntervalMode>("interval.handling.mode", {{"numeric", IntervalMode::kNumeric},
                                                                     {"string", IntervalMode::kString}}));
  PENSTOCK_ASSIGN(values.names, in.choice<NameMode>("schema.name.adjustment.mode",
                                                    {{"none", NameMode::kNone},
                                                     {"avro", NameMode::kAvro},
                                                     {"avro_unicode", NameMode::kAvroUnicode}}));
  PENSTOCK_ASSIGN(values.failures, in.choice<FailureMode>("event.converting.failure.handling.mode",
                                                          {{"warn", FailureMode::kWarn},
                                                           {"skip", FailureMode::kSkip},
                                                           {"fail", FailureMode::kFail}}));
  PENSTOCK_ASSIGN(const std::int64_t digits, in.number("money.fraction.digits", 2));
  values.money_digits = static_cast<int>(digits);
  values.unavailable = in.text("unavailable.value.placeholder", values.unavailable);
  if (values.unavailable.starts_with("hex:")) values.unavailable = unhexed(values.unavailable.substr(4));
  return {};
}

namespace {

Status read_operations(const SettingReader& in, std::string& skipped) {
  const std::string text = in.text("skipped.operations", "t");
  skipped.clear();
  if (text == "none") return {};
  for (const std::string& operation : envelope::split_list(text, ',')) {
    if (operation != "c" && operation != "u" && operation != "d" && operation != "t" && operation != "r")
      return fail(in.error("skipped.operations", "knows c, u, d, t and none, not \"" + operation + "\""));
    skipped += operation;
  }
  return {};
}

Status read_topics(const SettingReader& in, const ConnectorFile& file, backbone::TopicOptions& topics) {
  PENSTOCK_TRY(read_values(in, topics.values));
  PENSTOCK_TRY(read_columns(in, file, topics.columns));
  PENSTOCK_TRY(read_operations(in, topics.skipped));
  topics.delimiter = in.text("topic.delimiter", ".");
  topics.transaction_topic = in.text("topic.transaction", "transaction");
  topics.heartbeat_prefix =
      in.text("topic.heartbeat.prefix", in.text("heartbeat.topics.prefix", "__debezium-heartbeat"));
  PENSTOCK_ASSIGN(topics.tombstones, in.truth("tombstones.on.delete", true));
  PENSTOCK_ASSIGN(topics.transactions, in.truth("provide.transaction.metadata", false));
  PENSTOCK_ASSIGN(topics.context_headers, in.truth("extended.headers.enabled", true));
  PENSTOCK_ASSIGN(topics.include_messages, in.patterns("message.prefix.include.list"));
  PENSTOCK_ASSIGN(topics.exclude_messages, in.patterns("message.prefix.exclude.list"));
  constexpr std::string_view kCreation = "topic.creation.default.";
  for (const auto& [name, value] : file.settings) {
    if (!name.starts_with(kCreation)) continue;
    const std::string rest = name.substr(kCreation.size());
    if (rest == "partitions" || rest == "replication.factor") {
      PENSTOCK_ASSIGN(const std::int64_t number, in.number(name, -1));
      (rest == "partitions" ? topics.partitions : topics.replication) = static_cast<int>(number);
    } else {
      topics.topic_config[rest] = value;
    }
  }
  return {};
}

// A worker's own converters are not known here: without schemas is what is written then.
Result<bool> has_schemas(const SettingReader& in, const std::string& setting,
                         std::vector<std::string>& remarks) {
  const std::string converter = in.text(setting);
  if (converter.empty()) {
    remarks.push_back("\"" + setting + "\" is the worker's affair: JSON without schemas is written");
    return false;
  }
  if (converter != kJsonConverter)
    return fail(
        in.error(setting, "\"" + converter + "\" is not supported", "use " + std::string(kJsonConverter)));
  const std::string format = in.text(setting + ".decimal.format", "BASE64");
  if (format != "BASE64" && format != "base64")
    return fail(in.error(setting + ".decimal.format", "is \"" + format + "\", which is not supported",
                         "set decimal.handling.mode to double or string"));
  return in.truth(setting + ".schemas.enable", true);
}

Status read_converters(const SettingReader& in, envelope::Options& values,
                       std::vector<std::string>& remarks) {
  PENSTOCK_ASSIGN(values.key_schemas, has_schemas(in, "key.converter", remarks));
  PENSTOCK_ASSIGN(values.value_schemas, has_schemas(in, "value.converter", remarks));
  return {};
}

Result<PublicationScope> read_scope(const SettingReader& in) {
  return in.choice<PublicationScope>("publication.autocreate.mode",
                                     {{"all_tables", PublicationScope::kAllTables},
                                      {"disabled", PublicationScope::kNever},
                                      {"filtered", PublicationScope::kTables},
                                      {"no_tables", PublicationScope::kNoTables}});
}

Result<SnapshotMode> read_snapshot(const SettingReader& in, std::vector<std::string>& remarks) {
  const std::string mode = in.text("snapshot.mode", "initial");
  if (mode == "when_needed")
    remarks.emplace_back(
        "snapshot.mode when_needed loads as initial does: a gap stops the capture, with its remedy");
  return in.choice<SnapshotMode>("snapshot.mode", {{"initial", SnapshotMode::kInitial},
                                                   {"when_needed", SnapshotMode::kInitial},
                                                   {"initial_only", SnapshotMode::kInitialOnly},
                                                   {"always", SnapshotMode::kAlways},
                                                   {"no_data", SnapshotMode::kNoData},
                                                   {"never", SnapshotMode::kNoData}});
}

// What Kafka's Java clients call otherwise than librdkafka does.
Status read_producer(const ConnectorFile& file, const SettingReader& in, KafkaSettings& kafka) {
  constexpr std::string_view kOverride = "producer.override.";
  static const std::regex kLogin(R"re(.*username="([^"]*)".*password="([^"]*)".*)re");
  for (const auto& [name, value] : file.settings) {
    if (!name.starts_with(kOverride)) continue;
    const std::string rest = name.substr(kOverride.size());
    if (rest == "sasl.jaas.config") {
      std::smatch parts;
      if (!std::regex_match(value, parts, kLogin))
        return fail(in.error(name, "has no username=\"…\" and password=\"…\""));
      kafka.settings.emplace_back("sasl.username", parts[1].str());
      kafka.settings.emplace_back("sasl.password", parts[2].str());
    } else if (rest.starts_with("ssl.truststore.") || rest.starts_with("ssl.keystore.")) {
      return fail(in.error(name, "names a Java key store", "give -X ssl.ca.location=FILE.pem instead"));
    } else if (rest == "max.request.size") {
      kafka.settings.emplace_back("message.max.bytes", value);
    } else if (rest != "buffer.memory" && rest != "max.block.ms") {
      kafka.settings.emplace_back(rest, value);
    }
  }
  return {};
}

}  // namespace

bool TableChoice::takes(const TableName& table) const {
  const std::string whole = to_string(table);
  return (include_schemas.empty() || include_schemas.match(table.schema)) &&
         !exclude_schemas.match(table.schema) && (include_tables.empty() || include_tables.match(whole)) &&
         !exclude_tables.match(whole);
}

Result<SourceSettings> source_of(const ConnectorFile& file) { return read_source(SettingReader(file)); }

Result<ConnectorSettings> capture_settings_of(const ConnectorFile& file) {
  ConnectorSettings made;
  const SettingReader in(file);
  if (in.text("connector.class") != kConnectorClass)
    return fail(in.error("connector.class", "is \"" + in.text("connector.class") + "\"",
                         "capture reads PostgreSQL: " + std::string(kConnectorClass)));
  PENSTOCK_TRY(check_known(file, made.remarks));
  if (in.text("plugin.name", "decoderbufs") != "pgoutput")
    made.remarks.emplace_back("\"plugin.name\": the slot is read through pgoutput, with the same rows");
  CaptureSettings& capture = made.capture;
  capture.file = file.file;
  capture.by_choice = true;
  PENSTOCK_ASSIGN(capture.source, read_source(in));
  PENSTOCK_ASSIGN(capture.publication_scope, read_scope(in));
  PENSTOCK_ASSIGN(capture.snapshot, read_snapshot(in, made.remarks));
  PENSTOCK_TRY(read_choice(in, capture.choice));
  PENSTOCK_TRY(read_topics(in, file, capture.topics));
  PENSTOCK_TRY(read_converters(in, capture.topics.values, made.remarks));
  PENSTOCK_ASSIGN(capture.topics.transforms, read_transforms(file, made.remarks));
  PENSTOCK_TRY(read_producer(file, in, capture.kafka));
  capture.topics.values.database = in.text("database.dbname");
  capture.kafka.prefix = capture.topics.values.server;
  capture.name = file.name.empty() ? capture.kafka.prefix : file.name;
  PENSTOCK_ASSIGN(const std::int64_t heartbeat, in.number("heartbeat.interval.ms", 0));
  capture.heartbeat = std::chrono::milliseconds(heartbeat);
  capture.heartbeat_query = in.text("heartbeat.action.query");
  capture.load = {2, 1, 20000, std::size_t{4} << 20};
  capture.groups = {30000, std::size_t{8} << 20};
  return made;
}

}  // namespace penstock::app
