#include "backbone/heartbeat.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/retry.h"
#include "envelope/envelope_schemas.h"
#include "envelope/value_writer.h"

namespace penstock::backbone {

Heartbeat::Heartbeat(HeartbeatOptions options)
    : options_(std::move(options)), thread_([this](std::stop_token stop) { run(stop); }) {}

void Heartbeat::run(std::stop_token stop) {
  while (sleep_unless_stopped(stop, options_.interval)) {
    if (const Status done = beat(); !done) {
      log::warn("heartbeat: {}", done.error().message);
      producer_.reset();
    }
  }
}

Status Heartbeat::beat() {
  if (options_.action) PENSTOCK_TRY(options_.action());
  if (!producer_) {
    PENSTOCK_ASSIGN(producer_, Producer::open(options_.producer));
  }
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  Record record;
  record.topic = options_.topic;
  std::string server;
  const envelope::Options& values = options_.values;
  envelope::append_json_string(server, values.server);
  record.key = envelope::wrapped(values.key_schemas, envelope::heartbeat_key_schema(values.names),
                                 fmt::format(R"({{"serverName":{}}})", server));
  record.value = envelope::wrapped(values.value_schemas, envelope::heartbeat_value_schema(values.names),
                                   fmt::format(R"({{"ts_ms":{}}})", now));
  PENSTOCK_TRY(producer_->begin());
  PENSTOCK_TRY(producer_->send(record));
  return producer_->flush();
}

}  // namespace penstock::backbone
