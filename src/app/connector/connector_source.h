// A Debezium connector file in a pipeline file: `source: { connector: FILE.json }`.
#pragma once

#include "app/connector/connector_file.h"
#include "app/settings.h"
#include "base/result.h"
#include "envelope/options.h"

namespace penstock::app {

// Fills in what the connector file says of the source and of its topics. Its path counts from the pipeline
// file's folder. Settings of the pipeline file's `kafka` win. kConfiguration.
Status use_connector(Settings& settings, const Environment& environment);
Status use_connector(Settings& settings, const ConnectorFile& file);

// The source that a connector file names: postgres, slot and publication. kConfiguration.
Result<SourceSettings> source_of(const ConnectorFile& file);

// How the values in the pipeline's topics are written. kConfiguration for a choice that Debezium does not
// know.
Result<envelope::Options> event_options(const Settings& settings);

}  // namespace penstock::app
