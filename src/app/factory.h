// The one place that names concrete stages.
#pragma once

#include <memory>

#include "app/settings.h"
#include "base/result.h"
#include "projection/projector.h"
#include "sink/document_sink.h"
#include "source/source.h"

namespace penstock::app {

std::unique_ptr<Source> make_source(const Settings& settings);
Result<std::unique_ptr<Projector>> make_projector(const Settings& settings);
Result<std::unique_ptr<DocumentSink>> make_sink(const Settings& settings);

}  // namespace penstock::app
