// A table as its events describe it.
#pragma once

#include <string>

#include "backbone/topic_options.h"
#include "envelope/envelope.h"
#include "model/table_schema.h"

namespace penstock::backbone {

// `topic` names the schemas.
envelope::TableFacts facts_of(const TableSchema& schema, const TopicOptions& options, std::string topic);

}  // namespace penstock::backbone
