#include <utility>

#include "projection/summary/stored_summary.h"

namespace penstock {
namespace {

class StoredSummaryFactory final : public SummaryFactory {
 public:
  Result<std::unique_ptr<Summary>> make(const CollectionSpec& spec, const expression::Scope& scope,
                                        const std::string& file) override {
    PENSTOCK_ASSIGN(SummaryDefinition definition, compile_summary(spec, scope, file));
    return std::make_unique<StoredSummary>(std::move(definition));
  }
};

}  // namespace

std::unique_ptr<SummaryFactory> make_summary_factory() { return std::make_unique<StoredSummaryFactory>(); }

}  // namespace penstock
