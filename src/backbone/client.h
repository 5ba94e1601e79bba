// librdkafka's clients from names and values.
#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include "backbone/client_settings.h"
#include "base/result.h"

namespace penstock::backbone {

// `prepare` may set callbacks. kConfiguration for settings that librdkafka
// does not take. The caller destroys the handle.
Result<rd_kafka_t*> open_client(rd_kafka_type_t type, const ClientSettings& settings,
                                const std::function<void(rd_kafka_conf_t*)>& prepare = {});

}  // namespace penstock::backbone
