// penstock wait of a capture.
#include <fmt/format.h>

#include <chrono>

#include "app/commands/capture_commands.h"
#include "app/connector/capture_factory.h"
#include "app/connector/capture_target.h"
#include "backbone/state_topic.h"
#include "backbone/topic_reader.h"

namespace penstock::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLook{100};

// Why the LSN is not in the topics; empty: it is.
std::string delay_of(const backbone::CaptureState& state, Lsn lsn) {
  if (!state.checkpoint.exists) return "the capture never ran";
  for (const auto& [name, table] : state.checkpoint.tables)
    if (table.state != LoadState::kLoaded && table.problem.empty())
      return fmt::format("the load of {} is not complete", name);
  const Lsn stands = state.checkpoint.position.through_lsn;
  if (includes(stands, lsn)) return {};
  std::string delay = fmt::format("it stands at {}", to_string(stands));
  if (state.trouble.exists()) delay += ": " + state.trouble.message;
  return delay;
}

}  // namespace

Status capture_wait_command(const CaptureTarget& target, const WaitOptions& options, std::stop_token stop) {
  PENSTOCK_ASSIGN(const CaptureSettings capture, read_capture(target));
  backbone::ProducerOptions producer = producer_options(capture);
  producer.timeout = kPatience;
  const auto deadline = Clock::now() + options.timeout;
  backbone::StateReader state;
  const auto take = [&](auto key, auto value) { return state.take(key, value); };
  PENSTOCK_ASSIGN(const auto reader, backbone::TopicReader::open(producer, {state_topic(capture)}));
  if (reader) PENSTOCK_TRY(reader->read_to_end(take));
  std::string delay = delay_of(state.state(), options.lsn);
  while (!delay.empty() && reader && Clock::now() < deadline && !stop.stop_requested()) {
    PENSTOCK_TRY(reader->read_on(take, kLook));
    delay = delay_of(state.state(), options.lsn);
  }
  if (delay.empty()) return {};
  return fail(ErrorKind::kCheckFailed,
              fmt::format("{} is not in the topics after {} ms: {}", to_string(options.lsn),
                          options.timeout.count(), delay),
              "penstock status --connector FILE, or penstock status PIPELINE --capture");
}

}  // namespace penstock::app
