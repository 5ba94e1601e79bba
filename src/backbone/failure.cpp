#include "backbone/failure.h"

namespace penstock::backbone {
namespace {

ErrorKind kind_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return ErrorKind::kFenced;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return ErrorKind::kRejectedDocument;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return ErrorKind::kKafkaRefused;
    default:
      return ErrorKind::kKafkaUnavailable;
  }
}

// What the brokers do not take whoever asks; else nullptr.
const char* remedy_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return "mend topic.creation.* (the file's, or the connector's), or create the topic by hand: "
             "kafka-topics.sh --create --topic NAME";
    default:
      return nullptr;
  }
}

std::string remedy_of(ErrorKind kind, const std::string& brokers) {
  switch (kind) {
    case ErrorKind::kFenced:
      return "only one `penstock capture` of a pipeline may run: end this one or the other";
    case ErrorKind::kRejectedDocument:
      return "raise max.message.bytes of the topic (and message.max.bytes of the brokers), or exclude the "
             "column";
    case ErrorKind::kKafkaRefused:
      return "give the account of kafka.settings WRITE and CREATE on the topics, or create them by hand: "
             "kafka-topics.sh --create --topic NAME";
    default:
      return "is a broker reachable at " + brokers + "? kcat -b " + brokers + " -L shows what answers";
  }
}

}  // namespace

Error error_of(rd_kafka_resp_err_t code, const std::string& text, const std::string& what,
               const std::string& brokers) {
  const ErrorKind kind = kind_of(code);
  const char* own = remedy_of(code);
  return make_error(kind, "Kafka, " + what + ": " + text + " (" + rd_kafka_err2name(code) + ")",
                    own != nullptr ? own : remedy_of(kind, brokers));
}

Error record_error_of(rd_kafka_resp_err_t code, const std::string& topic, const std::string& brokers) {
  Error error = error_of(code, rd_kafka_err2str(code), "sending to topic " + topic, brokers);
  const auto refuse = [&](const char* remedy) {
    error.kind = ErrorKind::kKafkaRefused;
    error.remedy = remedy;
  };
  switch (code) {
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      refuse(
          "the outbox names a partition that the topic does not have: kafka-topics.sh --alter --topic NAME "
          "--partitions N");
      break;
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      refuse(
          "the outbox's time of an event is further from now than the topic takes: kafka-configs.sh --alter "
          "--entity-type topics --entity-name NAME --add-config message.timestamp.after.max.ms=MILLIS");
      break;
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      refuse(
          "a compacted topic takes no record without a key: give the table a primary key or "
          "message.key.columns, "
          "or the topic cleanup.policy=delete");
      break;
    default:
      break;
  }
  return error;
}

Status status_of(rd_kafka_error_t* error, const std::string& what, const std::string& brokers) {
  if (error == nullptr) return {};
  Error made = error_of(rd_kafka_error_code(error), rd_kafka_error_string(error), what, brokers);
  rd_kafka_error_destroy(error);
  return fail(std::move(made));
}

}  // namespace penstock::backbone
