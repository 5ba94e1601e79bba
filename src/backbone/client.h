// librdkafka's clients from names and values.
#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <string>

#include "backbone/client_settings.h"
#include "base/result.h"
#include "model/places.h"

namespace penstock::backbone {

// In their order: a later one wins. `prepare` may set callbacks. kConfiguration for settings that librdkafka
// does not take. The caller destroys the handle.
Result<rd_kafka_t*> open_client(rd_kafka_type_t type, const ClientSettings& settings,
                                const std::function<void(rd_kafka_conf_t*)>& prepare = {});

// To the consumer's group, for those who watch its lag: not waited for, what goes wrong is no matter.
void commit_places(rd_kafka_t* consumer, const Places& places);

}  // namespace penstock::backbone
