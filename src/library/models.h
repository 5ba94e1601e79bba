// The read models of a pipeline, whose rows are kept in MongoDB (docs/adr/0004-shared-state.md).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "model/kept_state.h"
#include "model/table_schema.h"
#include "projection/projector.h"
#include "projection/shared/settlement.h"
#include "projection/shared/shared_views.h"
#include "sink/mongo/kept/kept_models.h"

namespace penstock::library {

// What is made of rows alone: collections that are plain.
Result<std::unique_ptr<Projector>> plain_projector(const app::Settings& settings);

// Those ask PostgreSQL's catalog. Null: the pipeline has no read models. `kept` outlives them.
Result<std::unique_ptr<SharedViews>> shared_views(const app::Settings& settings, KeptState& kept);
Result<std::unique_ptr<Settlement>> settlement(const app::Settings& settings, KeptState& kept);

// What is kept for them, with its definition; of a pipeline without read models nothing. Asks the catalog.
Result<mongo::KeptModels> kept_models(const app::Settings& settings, KeptState& kept);

}  // namespace penstock::library
