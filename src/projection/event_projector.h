// The middle of a leg that passes events on as they are: PostgreSQL to Kafka.
#pragma once

#include "projection/projector.h"

namespace penstock {

class EventProjector final : public Projector {
 public:
  Status project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) override {
    group.events.push_back({&batch, first, last});
    return {};
  }
  std::vector<const DocumentShape*> shapes(const TableSchema& schema) override {
    return static_cast<void>(schema), std::vector<const DocumentShape*>{};
  }
};

}  // namespace penstock
