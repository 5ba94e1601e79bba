// Beginning and end of a capture's leg.
#pragma once

#include <memory>
#include <vector>

#include "app/connector/capture_settings.h"
#include "base/result.h"
#include "sink/document_sink.h"
#include "source/source.h"

namespace penstock::app {

std::unique_ptr<Source> make_capture_source(const CaptureSettings& capture,
                                            const std::vector<Settings::Table>& tables);
std::unique_ptr<DocumentSink> make_capture_sink(const CaptureSettings& capture);

}  // namespace penstock::app
