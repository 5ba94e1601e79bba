// Single durable statements on the state collections, as workers make them.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "sink/mongo/client.h"
#include "sink/mongo/context.h"

namespace penstock::mongo {

template <class T>
Status to_status(Tried<T> tried) {
  return to_result(std::move(tried)).map([](const auto&) {});
}

// A document of penstock_positions.
Result<std::optional<Bson>> position_document(Connection& connection, const Context& context,
                                              const std::string& id);

// One statement, majority acknowledged; `n` of the reply says how many documents it found.
Tried<Bson> update(Connection& connection, const Context& context, const char* collection, const Bson& filter,
                   const Bson& change, bool upsert, const std::string& what);

// All documents that the filter finds, majority acknowledged.
Status remove(Connection& connection, const Context& context, const std::string& collection,
              const Bson& filter, const std::string& what);

}  // namespace penstock::mongo
