#include "library/models.h"

#include <algorithm>
#include <utility>

#include "app/factory.h"
#include "projection/composite_projector.h"
#include "projection/view/definition.h"

namespace penstock::library {
namespace {

std::vector<CollectionSpec> specs_of(const app::Settings& settings, bool plain) {
  std::vector<CollectionSpec> specs;
  for (const auto& collection : settings.collections)
    if (collection.spec.is_plain() == plain) specs.push_back(collection.spec);
  return specs;
}

SharedOptions shared_options(const app::Settings& settings) {
  SharedOptions options;
  options.pipeline = settings.pipeline;
  options.file = settings.file;
  options.summaries = &app::summary_factory();
  options.types = expression_type;
  return options;
}

}  // namespace

Result<std::unique_ptr<Projector>> plain_projector(const app::Settings& settings) {
  PENSTOCK_ASSIGN(auto projector, app::make_projector(specs_of(settings, true), {}, {}));
  return std::unique_ptr<Projector>(std::move(projector));
}

Result<std::unique_ptr<SharedViews>> shared_views(const app::Settings& settings, KeptState& kept) {
  if (!settings.reads_models()) return nullptr;
  PENSTOCK_ASSIGN(const auto tables, app::mirrored_tables(settings));
  return SharedViews::make(specs_of(settings, false), tables, shared_options(settings), kept);
}

Result<std::unique_ptr<Settlement>> settlement(const app::Settings& settings, KeptState& kept) {
  PENSTOCK_ASSIGN(const auto tables, app::mirrored_tables(settings));
  return Settlement::make(specs_of(settings, false), tables, shared_options(settings), kept);
}

Result<mongo::KeptModels> kept_models(const app::Settings& settings, KeptState& kept) {
  mongo::KeptModels models;
  if (!settings.reads_models()) return models;
  PENSTOCK_ASSIGN(const auto views, shared_views(settings, kept));
  for (const CollectionSpec& spec : specs_of(settings, false)) {
    models.definition += fingerprint(spec) + "; ";
    models.collections.push_back(spec.name);
  }
  models.definition += views->forms();
  for (const SharedViews::KeptForm& form : views->kept_forms())
    models.tables.push_back({form.table, form.joins, form.root, form.layout, form.columns});
  return models;
}

}  // namespace penstock::library
