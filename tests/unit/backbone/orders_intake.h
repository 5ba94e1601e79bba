// The topic of a table "orders", keyed by its first column, as a catalog describes it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "backbone/topic_intake.h"
#include "model/table_schema.h"

namespace penstock::backbone::test {

inline constexpr const char* kTopic = "shop.public.orders";

inline std::unique_ptr<TopicIntake> orders_intake(std::vector<Column> columns) {
  auto schema = std::make_shared<TableSchema>();
  schema->table = {"public", "orders"};
  schema->columns = std::move(columns);
  schema->key = {0};
  schema->replica_identity = 'd';
  auto intake = std::make_unique<TopicIntake>(
      schema->table, kTopic, envelope::ReadOptions{},
      [schema](const TableName&) {
        return CatalogTable{schema, {}, false};
      },
      nullptr);
  EXPECT_TRUE(intake->open());
  return intake;
}

}  // namespace penstock::backbone::test
