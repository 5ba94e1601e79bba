// librdkafka's errors as ours.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>

#include "base/result.h"

namespace penstock::backbone {

// `what`: "sending to topic shop.public.orders".
Error error_of(rd_kafka_resp_err_t code, const std::string& text, const std::string& what,
               const std::string& brokers);
// Of a record that was not taken.
Error record_error_of(rd_kafka_resp_err_t code, const std::string& topic, const std::string& brokers);
// Takes the error over. None: success.
Status status_of(rd_kafka_error_t* error, const std::string& what, const std::string& brokers);

}  // namespace penstock::backbone
