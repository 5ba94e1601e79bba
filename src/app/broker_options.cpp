#include "app/broker_options.h"

namespace penstock::app {

Status override_brokers(const BrokerOptions& options, KafkaSettings& kafka) {
  for (const std::string& setting : options.settings) {
    const std::size_t sign = setting.find('=');
    if (sign == std::string::npos)
      return fail(ErrorKind::kUsage, "-X " + setting + " is no name=value", "-X security.protocol=sasl_ssl");
    kafka.settings.emplace_back(setting.substr(0, sign), setting.substr(sign + 1));
  }
  if (!options.brokers.empty()) kafka.brokers = options.brokers;
  return {};
}

}  // namespace penstock::app
