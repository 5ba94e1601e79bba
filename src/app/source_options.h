// What the legs that read PostgreSQL ask of it alike.
#pragma once

#include "app/settings.h"
#include "source/postgres/postgres_source.h"

namespace penstock::app {

// Without tables.
postgres::SourceOptions source_options(const SourceSettings& source, const LoadSettings& load);

}  // namespace penstock::app
