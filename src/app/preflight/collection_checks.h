// Whether the fields of a plain collection fit its table.
#pragma once

#include <string>

#include "app/preflight/report.h"
#include "projection/spec.h"
#include "source/postgres/catalog.h"

namespace penstock::app {

void check_fields(const CollectionSpec& spec, const postgres::TableDescription& table,
                  const std::string& file, Report& report);

}  // namespace penstock::app
