// Beginning and end of a capture's leg.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/connector/capture_settings.h"
#include "backbone/capture_sink.h"
#include "base/result.h"
#include "source/source.h"

namespace penstock::app {

// How long a command waits for brokers.
inline constexpr std::chrono::milliseconds kPatience{10000};

std::unique_ptr<Source> make_capture_source(const CaptureSettings& capture,
                                            const std::vector<Settings::Table>& tables);
std::unique_ptr<backbone::CaptureSink> make_capture_sink(const CaptureSettings& capture,
                                                         std::optional<backbone::TakeOver> take_over);
backbone::ProducerOptions producer_options(const CaptureSettings& capture);  // without a transactional id
std::string state_topic(const CaptureSettings& capture);

}  // namespace penstock::app
