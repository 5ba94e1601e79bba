// Transformations that a connector file asks for (Kafka documentation: "Kafka Connect", Transformations,
// Predicates; Debezium documentation 3.5: "New Record State Extraction", "Outbox Event Router").
#pragma once

#include <string>
#include <vector>

#include "app/connector/connector_file.h"
#include "backbone/transform.h"
#include "base/result.h"

namespace penstock::app {

// kConfiguration for a transformation, a predicate or a setting of theirs that is not known here, by its
// name.
Result<std::vector<backbone::Transform>> read_transforms(const ConnectorFile& file,
                                                         std::vector<std::string>& remarks);

}  // namespace penstock::app
