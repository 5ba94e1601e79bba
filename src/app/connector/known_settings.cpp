#include "app/connector/known_settings.h"

#include <fmt/format.h>

#include <algorithm>

namespace penstock::app {
namespace {

using enum Treatment;

constexpr std::string_view kLoadReason =
    "tables are read in resumable chunks beside the stream, without locks";
constexpr std::string_view kSignalReason = "`penstock resync` reads a table again";
constexpr std::string_view kStopReason =
    "an event that cannot be written stops the capture, and nothing is lost";

const std::vector<KnownSetting> kSettings{
    {"name"},
    {"connector.class"},
    {"tasks.max", kTuning},
    {"database.hostname"},
    {"database.port"},
    {"database.user"},
    {"database.password"},
    {"database.dbname"},
    {"database.sslmode"},
    {"database.sslcert"},
    {"database.sslkey"},
    {"database.sslpassword"},
    {"database.sslrootcert"},
    {"database.sslfactory", kSaid, "", "libpq does TLS"},
    {"database.tcpKeepAlive", kTuning},
    {"database.initial.statements", kRefused, "", "give the role its settings with ALTER ROLE … SET"},
    {"database.query.timeout.ms", kTuning},
    {"driver.", kSaid, "", "there is no JDBC driver here"},
    {"plugin.name"},
    {"slot.name"},
    {"slot.drop.on.stop", kSaid, "", "the slot stays: `penstock teardown` drops it"},
    {"slot.failover", kRefused, "false", "make the slot yourself with failover => true"},
    {"slot.stream.params", kRefused, "", "pgoutput is read with parameters of our own"},
    {"slot.max.retries", kTuning},
    {"slot.retry.delay.ms", kTuning},
    {"slot.seek.to.known.offset.on.start", kTuning},
    {"offset.mismatch.strategy", kSaid, "",
     "a gap between slot and position stops the capture, with its remedy"},
    {"lsn.flush.mode", kSaid, "", "the slot is moved on once Kafka has the events"},
    {"flush.lsn.source", kSaid, "true", "the slot is moved on once Kafka has the events"},
    {"publication.name"},
    {"publication.autocreate.mode"},
    {"publish.via.partition.root", kRefused, "false",
     "make the publication yourself WITH (publish_via_partition_root)"},
    {"replica.identity.autoset.values", kRefused, "", "run the ALTER TABLE … REPLICA IDENTITY yourself"},
    {"topic.prefix"},
    {"topic.delimiter"},
    {"topic.naming.strategy", kRefused,
     "io.debezium.schema.SchemaTopicNamingStrategy|io.debezium.schema.DefaultTopicNamingStrategy",
     "topics are named prefix.schema.table"},
    {"topic.cache.size", kTuning},
    {"topic.transaction"},
    {"topic.heartbeat.prefix"},
    {"topic.creation."},
    {"topic.creation.enable", kTuning},
    {"topic.creation.groups", kRefused, "", "all tables' topics are made alike: topic.creation.default.*"},
    {"schema.include.list"},
    {"schema.exclude.list"},
    {"table.include.list"},
    {"table.exclude.list"},
    {"table.ignore.builtin", kTuning},
    {"column.include.list"},
    {"column.exclude.list"},
    {"column.truncate.to."},
    {"column.mask.with."},
    {"column.mask.hash."},
    {"column.propagate.source.type"},
    {"datatype.propagate.source.type"},
    {"skip.messages.without.change", kRefused, "false", "leave them out where the events are read"},
    {"message.key.columns"},
    {"message.prefix.include.list"},
    {"message.prefix.exclude.list"},
    {"tombstones.on.delete"},
    {"skipped.operations"},
    {"provide.transaction.metadata"},
    {"transaction.metadata.factory", kRefused,
     "io.debezium.pipeline.txmetadata.DefaultTransactionMetadataFactory",
     "transactions are named as Debezium names them"},
    {"unavailable.value.placeholder"},
    {"include.unknown.datatypes", kRefused, "false", "leave the columns out, or cast them in a view"},
    {"include.schema.comments", kTuning},
    {"decimal.handling.mode"},
    {"time.precision.mode"},
    {"hstore.handling.mode"},
    {"interval.handling.mode"},
    {"binary.handling.mode"},
    {"money.fraction.digits"},
    {"schema.name.adjustment.mode"},
    {"field.name.adjustment.mode", kRefused, "none", "columns keep their names"},
    {"sanitize.field.names", kRefused, "false", "columns keep their names"},
    {"schema.refresh.mode", kTuning},
    {"schema.history.", kTuning},
    {"converters", kRefused, "", "custom converters are Java"},
    {"post.processors", kRefused, "", "post processors are Java"},
    {"source.struct.version", kRefused, "v2", "`source` is that of version 2"},
    {"sourceinfo.struct.maker", kRefused, "io.debezium.connector.postgresql.PostgresSourceInfoStructMaker",
     "`source` is Debezium's own"},
    {"extended.headers.enabled"},
    {"xmin.fetch.interval.ms", kRefused, "0", "source.xmin stays null"},
    {"snapshot.mode"},
    {"snapshot.mode.", kTuning},
    {"snapshot.locking.mode", kTuning},
    {"snapshot.isolation.mode", kTuning},
    {"snapshot.query.mode", kRefused, "select_all", "rows are read as they are"},
    {"snapshot.select.statement.overrides", kRefused, "", "publish the table with a row filter"},
    {"snapshot.include.collection.list", kRefused, "", "every table of the capture is loaded"},
    {"snapshot.max.threads", kTuning},
    {"snapshot.fetch.size", kTuning},
    {"snapshot.delay.ms", kTuning},
    {"snapshot.lock.timeout.ms", kTuning},
    {"snapshot.tables.order.by.row.count", kTuning},
    {"streaming.delay.ms", kTuning},
    {"incremental.snapshot.", kSaid, "", kLoadReason},
    {"signal.", kSaid, "", kSignalReason},
    {"read.only", kTuning},
    {"notification.", kSaid, "", "the log and `penstock status` say how far it is"},
    {"event.processing.failure.handling.mode", kSaid, "fail", kStopReason},
    {"event.converting.failure.handling.mode"},
    {"errors.", kSaid, "", kStopReason},
    {"retriable.restart.connector.wait.ms", kTuning},
    {"max.batch.size", kTuning},
    {"max.queue.size", kTuning},
    {"max.queue.size.in.bytes", kTuning},
    {"poll.interval.ms", kTuning},
    {"status.update.interval.ms", kTuning},
    {"heartbeat.interval.ms"},
    {"heartbeat.action.query"},
    {"heartbeat.topics.prefix"},
    {"custom.metric.tags", kTuning},
    {"connection.validation.timeout.ms", kTuning},
    {"guardrail.", kTuning},
    {"openlineage.", kSaid, "", "lineage is not reported"},
    {"executor.", kTuning},
    {"internal.", kSaid, "", "Debezium's inner workings are not ours"},
    {"transforms"},
    {"transforms."},
    {"predicates"},
    {"predicates."},
    {"key.converter"},
    {"key.converter."},
    {"value.converter"},
    {"value.converter."},
    {"header.converter", kRefused, "org.apache.kafka.connect.storage.SimpleHeaderConverter",
     "headers are text"},
    {"header.converter.", kTuning},
    {"producer.override."},
    {"exactly.once.support", kSaid, "", "every capture is exactly once"},
    {"transaction.boundary", kSaid, "", "source transactions stay whole"},
    {"transaction.boundary.interval.ms", kTuning},
    {"offsets.storage.topic", kSaid, "", "the position is kept in the topic penstock.<name>.state"},
    {"config.action.reload", kTuning},
};

std::string_view word_of(Treatment treatment) {
  switch (treatment) {
    case kHonoured:
      return "honoured";
    case kTuning:
      return "nothing to tune here";
    case kSaid:
      return "no effect";
    case kRefused:
      break;
  }
  return "refused";
}

}  // namespace

const std::vector<KnownSetting>& known_settings() { return kSettings; }

const KnownSetting* find_known_setting(std::string_view name) {
  const KnownSetting* best = nullptr;
  for (const KnownSetting& known : kSettings) {
    const bool same = known.name == name || (known.name.ends_with('.') && name.starts_with(known.name));
    if (same && (best == nullptr || known.name.size() > best->name.size())) best = &known;
  }
  return best;
}

std::string known_settings_markdown() {
  std::string out = "| Setting | Here | |\n|---|---|---|\n";
  for (const KnownSetting& known : kSettings) {
    std::string name(known.name);
    if (name.ends_with('.')) name += "*";
    std::string harmless(known.harmless);
    std::replace(harmless.begin(), harmless.end(), '|', ',');
    const std::string_view unless = known.treatment == kRefused && !harmless.empty() ? ", unless " : "";
    out += fmt::format("| `{}` | {}{}{} | {} |\n", name, word_of(known.treatment), unless,
                       unless.empty() ? "" : "`" + harmless + "`", known.reason);
  }
  return out;
}

}  // namespace penstock::app
