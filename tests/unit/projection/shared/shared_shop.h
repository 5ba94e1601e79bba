// Orders with a product, kept in maps, and a summary of them; whoever settles.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/stored_size.h"
#include "projection/shared/settlement.h"
#include "projection/shared/shared_views.h"
#include "projection/summary/stored_summary.h"
#include "projection/view/definition.h"
#include "unit/projection/shared/kept_store.h"
#include "unit/projection/shared/shared_start.h"
#include "unit/projection/view/shop.h"
#include "unit/projection/view/world.h"

namespace penstock::test {

class SharedShop : public testing::Test {
 protected:
  SharedShop()
      : world({table_schema("orders", {{"id"}, {"product"}, {"note", 25, "text"}}, {0}),
               table_schema("products", {{"id"}, {"name", 25, "text"}}, {0})}) {}

  static CollectionSpec orders() {
    return collection("orders", "orders", {one("item", "products", {{"id", "product"}})});
  }
  static CollectionSpec by_product() {
    CollectionSpec spec = collection("by_product", "orders", {});
    spec.all_columns = false;
    FieldSpec key;
    key.name = key.column = "product";
    spec.group_by = {key};
    spec.fields = {sql_field("orders", "count(*)"), sql_field("ids", "array_agg(id ORDER BY id)")};
    return spec;
  }

  static void ok(const Status& status) { ASSERT_TRUE(status) << status.error().text(); }

  void open(const std::vector<CollectionSpec>& specs) {
    SharedOptions options = shared_options();
    options.summaries = summaries_.get();
    auto made = SharedViews::make(specs, world.schemas(), options, kept);
    ASSERT_TRUE(made) << made.error().text();
    views = std::move(*made);
    auto settles = Settlement::make(specs, world.schemas(), options, kept);
    ASSERT_TRUE(settles) << settles.error().text();
    settlement = std::move(*settles);
    make_collections(specs, documents);
  }
  void load() { load_all(world, *views, kept, documents, chunks_); }
  Status change(const EventBatchPtr& batch) {
    WriteGroup group;
    PENSTOCK_TRY(views->change(*batch, 0, batch->events.size(), group));
    kept.apply(group, documents);
    return {};
  }
  void changed() { ok(change(world.commit())); }

  void place_order(int id, int product, const std::string& note) {
    world.place("orders", {int_value(id), int_value(product), text_value(note)});
  }
  void insert_order(int id, int product) {
    world.insert("orders", {int_value(id), int_value(product), text_value("")});
  }

  // One step of the lane, committed.
  Settlement::Step step(const std::string& lane, const StepLimits& limits = {}) {
    WriteGroup group;
    const auto done = settlement->step(lane, limits, group);
    EXPECT_TRUE(done) << done.error().text();
    documents_bytes = 0;
    erased = 0;
    for (const DocumentWrite& write : group.writes) {
      if (!kept::is_kept(write.shape->collection)) documents_bytes += stored_size(write);
      if (write.shape->collection == kept::kSummaries && write.kind == WriteKind::kDelete) ++erased;
    }
    kept.apply(group, documents);
    return done ? *done : Settlement::Step{};
  }
  void settle(const StepLimits& limits = {}) {
    for (int steps = 0; steps < 10000; ++steps) {
      const auto lanes = kept.lanes();
      if (lanes.empty()) return;
      for (const std::string& lane : lanes) ASSERT_GT(step(lane, limits).marks, 0U) << lane;
    }
    FAIL() << "there are marks that no step removes";
  }
  // What the groups of the summary are by the table.
  DocumentStore::Documents grouped() {
    std::map<std::string, std::vector<std::string>> groups;
    for (const auto& [key, row] : world.table("orders").rows)
      groups[to_text(row[1])].push_back(to_text(row[0]));
    DocumentStore::Documents expected;
    for (auto& [product, ids] : groups) {
      std::sort(ids.begin(), ids.end(),
                [](const auto& a, const auto& b) { return std::stoi(a) < std::stoi(b); });
      std::string list;
      for (const std::string& id : ids) list += (list.empty() ? "" : ",") + id;
      expected[product] = "{orders:" + std::to_string(ids.size()) + ",ids:[" + list + "]}";
    }
    return expected;
  }

  World world;
  KeptStore kept;
  DocumentStore documents;
  std::unique_ptr<SharedViews> views;
  std::unique_ptr<Settlement> settlement;
  std::size_t documents_bytes = 0, erased = 0;  // of the last step

 private:
  std::unique_ptr<SummaryFactory> summaries_ = make_summary_factory();
  std::vector<EventBatchPtr> chunks_;
};

}  // namespace penstock::test
