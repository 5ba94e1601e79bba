// How read models whose rows are kept begin: their options, their collections, their first load.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "projection/shared/shared_views.h"
#include "projection/view/definition.h"
#include "unit/projection/shared/kept_store.h"
#include "unit/projection/view/world.h"

namespace penstock::test {

inline SharedOptions shared_options() {
  SharedOptions options;
  options.pipeline = KeptStore::kPipeline;
  options.file = "pipeline.yaml";
  options.types = expression_type;
  return options;
}

inline void make_collections(const std::vector<CollectionSpec>& specs, DocumentStore& documents) {
  for (const CollectionSpec& spec : specs) {
    WriteGroup make;
    make.prepare = Publish{spec.name, spec.name};
    documents.apply(make);
  }
}

// All tables. `chunks`: what is kept borrows from them.
inline void load_all(World& world, SharedViews& views, KeptStore& kept, DocumentStore& documents,
                     std::vector<EventBatchPtr>& chunks) {
  WriteGroup group;
  for (const auto& [name, table] : world.tables()) {
    chunks.push_back(world.chunk(name, 1, 0, 1));
    const Status loaded = views.load(*chunks.back(), 0, chunks.back()->events.size(), group);
    ASSERT_TRUE(loaded) << loaded.error().text();
  }
  views.build(group, 1);
  kept.apply(group, documents);
}

}  // namespace penstock::test
