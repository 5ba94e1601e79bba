// What the command line says of Kafka over what the file says.
#pragma once

#include "app/commands/options.h"
#include "app/settings.h"
#include "base/result.h"

namespace penstock::app {

// The command line's brokers replace the file's, its settings of librdkafka's come behind the file's. kUsage
// for one that is no name=value.
Status override_brokers(const BrokerOptions& options, KafkaSettings& kafka);

}  // namespace penstock::app
