#include "sink/mongo/state/load_writes.h"

#include <optional>

#include "sink/mongo/apply/bulk.h"
#include "sink/mongo/state/letter_marks.h"
#include "sink/mongo/state/records.h"

namespace penstock::mongo {

Tried<void> write_chunk(Connection& connection, const Context& context, const ChunkResult& chunk,
                        const Bson* options) {
  const std::string& database = context.options.database;
  const std::string& pipeline = context.options.pipeline;
  Bulk chunks(connection, database, kChunks, options);
  if (!chunk.by_key && !chunk.table.empty()) {
    const Bson document = chunk_document(pipeline, chunk.table, chunk.load_id, chunk.done);
    chunks.replace(Bson().put_copy("_id", document.get(), "_id"), document);
  }
  PENSTOCK_ATTEMPT(chunks.execute("recording a chunk"));
  Bulk answered(connection, database, kRereads, options);
  for (const Reread& reread : chunk.answered) {
    if (!reread.id.empty()) answered.remove(answered_filter(pipeline, reread));
  }
  PENSTOCK_ATTEMPT(answered.execute("removing answered re-reads"));
  return remove_marked(connection, context.options, chunk.answered, options);
}

Tried<void> write_step(Connection& connection, const Context& context, const TableCheckpoint& table,
                       const Bson* options) {
  const std::string& database = context.options.database;
  const std::string& pipeline = context.options.pipeline;
  const Bson id = table_id(pipeline, table.table);
  Bulk tables(connection, database, kTables, options);
  tables.upsert(Bson().put("_id", id), table_update(table));
  // A later load than the one that a resync was asked to replace: the resync has begun.
  Bson answered;
  answered.put("_id", id).put("resync_load", Bson().put_unsigned("$lt", table.load_id));
  Bson forget;
  forget.put("$unset", Bson().put_bool("resync_at", true).put_bool("resync_load", true));
  tables.update(answered, forget);
  PENSTOCK_ATTEMPT(tables.execute("recording the load of " + table.table));
  Bulk chunks(connection, database, kChunks, options);
  const bool loaded = table.state == LoadState::kLoaded;
  chunks.remove(chunk_filter(pipeline, table.table, loaded ? std::nullopt : std::optional(table.load_id)));
  PENSTOCK_ATTEMPT(chunks.execute("removing the chunks of a finished load"));
  return {};
}

}  // namespace penstock::mongo
