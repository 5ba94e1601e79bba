#include "sink/mongo/worker/lane_writes.h"

#include <utility>

#include "sink/mongo/apply/bulk.h"
#include "sink/mongo/state/records.h"

namespace penstock::mongo {

Tried<void> write_owned_places(Connection& connection, const Context& context, const std::string& lane,
                               const Places& places, const Bson* options) {
  Bulk bulk(connection, context.options.database, kOffsets, options);
  for (const auto& [partition, place] : places)
    bulk.update(
        Bson().put("_id", shared_place_id(context.options.pipeline, partition)).put_text("owner", lane),
        Bson().put("$set", place_fields(place)));
  PENSTOCK_ATTEMPT(bulk.execute("writing the offsets"));
  return {};
}

Tried<void> write_origins(Connection& connection, const Context& context, const std::string& lane,
                          const std::vector<Reread>& rereads, const Places& owned,
                          const std::map<std::string, std::string>& tables, const Bson* options) {
  if (rereads.empty()) return {};
  Bulk bulk(connection, context.options.database, kRereads, options);
  for (const Reread& reread : rereads) {
    Places of_table = owned;
    std::erase_if(of_table, [&](const auto& one) { return tables.at(one.first.topic) != reread.table; });
    Bson unnoted = std::move(Bson().put("_id", reread_id(context.options.pipeline, reread)));
    bulk.update(unnoted.put("lane", Bson().put_text("$ne", lane)), origin_update(lane, of_table));
  }
  PENSTOCK_ATTEMPT(bulk.execute("storing where rows to be read again were met"));
  return {};
}

}  // namespace penstock::mongo
