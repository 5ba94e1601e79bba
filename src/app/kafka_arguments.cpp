#include "app/kafka_arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace penstock::app {

void add_brokers(CLI::App* command, BrokerOptions& options) {
  command->add_option("--brokers", options.brokers, "Of Kafka: host:port,... instead of the file's");
  command->add_option("-X", options.settings,
                      "A setting of librdkafka's, as name=value (security.protocol, sasl.username, ...)");
}

void add_capture_target(CLI::App* command, CLI::Option* file, CaptureTarget& target) {
  command->add_option("--connector", target.connector, "A Debezium connector file, as it is, instead")
      ->excludes(file);
  add_brokers(command, target.kafka);
}

void add_capture(CLI::App& app, CaptureOptions& options, std::string& pipeline_file) {
  CLI::App* command = app.add_subcommand(
      "capture",
      "Write the changes of tables to Kafka as Debezium's events: first the rows that are there, then "
      "what is "
      "committed, until SIGINT or SIGTERM, which drain. Each group of source transactions is one Kafka "
      "transaction. A second capture of the same name ends the first.");
  command->footer(
      "Examples:\n"
      "  penstock capture shop.yaml\n  penstock capture --connector pg-shop-connector.json --brokers "
      "127.0.0.1:9092\n"
      "  penstock capture --connector pg-shop-connector.json --take-over /var/lib/connect/offsets");
  CLI::Option* file = command->add_option("PIPELINE", pipeline_file, "Pipeline file with a `kafka` section");
  add_capture_target(command, file, options.target);
  command->add_option(
      "--take-over", options.take_over,
      "Go on where the Debezium connector of this file stopped, without loading: its worker's "
      "offset.storage.file.filename, or topic:NAME of its offset.storage.topic. Where the capture "
      "has a newer position of its own, it goes on there");
  command->add_flag("--offsets", options.offsets,
                    "Only print the offset with which Debezium goes on where this capture stopped, for PATCH "
                    "/connectors/NAME/offsets");
  command->add_flag("--until-current", options.until_current,
                    "Exit once everything committed before the start is there");
}

void add_apply(CLI::App& app, ApplyOptions& options, std::string& pipeline_file) {
  CLI::App* command = app.add_subcommand(
      "apply",
      "Follow the tables' topics in Kafka, which Debezium or \"penstock capture\" writes, from their "
      "beginning, until SIGINT or SIGTERM, which drain. Offsets are kept in MongoDB, in the transactions "
      "of "
      "the documents. A second one for the same pipeline waits as a standby; with kafka.share in the file it "
      "shares the work as one of several workers (docs/apply-workers.md).");
  command->footer(
      "Examples:\n"
      "  penstock apply shop.yaml\n  penstock apply shop.yaml --brokers 127.0.0.1:9092 --until-current");
  command->add_option("PIPELINE", pipeline_file, "Pipeline file (docs/configuration.md)")->required();
  add_brokers(command, options.kafka);
  command->add_flag("--until-current", options.until_current,
                    "Exit once everything that the topics held at the start is there; not with kafka.share");
  command->add_flag("--accept-gap", options.accept_gap,
                    "Begin with topics whose oldest records are gone, with what is there");
  command->add_flag(
      "--skip-truncates", options.skip_truncates,
      "With kafka.share: leave out a TRUNCATE of a topic with several partitions; the documents "
      "of its rows stay");
  command->add_option(
      "--adopt", options.adopt,
      "At the first start, begin at the offsets of this consumer group (connect-NAME of a sink "
      "connector) instead of the beginning, over the documents that it wrote. The group must "
      "have ended. Tables of read models are read from the beginning all the same");
}

}  // namespace penstock::app
