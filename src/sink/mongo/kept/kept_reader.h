// The kept state of read models as MongoDB has it (model/kept_state.h), read with majority. Of the pipeline's
// own:
//   penstock_rows.<pipeline>.<table>  {_id: key, layout, values, bucket (of root rows), join0, …}
//   penstock_marks                    {_id, pipeline, lane, collection, kind, number, depth, start, after,
//   mark}
// and of all pipelines:
//   penstock_layouts                  {_id: number, columns}
//   penstock_summaries                {_id: "<pipeline> <map> <key>", value}
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/kept_state.h"
#include "sink/mongo/client.h"
#include "sink/mongo/mongo_sink.h"

namespace penstock::mongo {

// What a table's rows are kept with.
struct KeptTable {
  std::string name;
  std::size_t joins = 0;  // the values that they are found by beside their key
  bool root = false;      // of a read model: they are found by bucket too
  std::uint64_t layout = 0;
  std::string columns;  // of the layout
};

// One thread; lives no longer than `clients`.
std::unique_ptr<KeptState> make_kept_reader(std::shared_ptr<Clients> clients, const std::string& database,
                                            const std::string& pipeline);

// The lanes that have marks, in their order.
Result<std::vector<std::string>> marked_lanes(Connection& connection, const std::string& database,
                                              const std::string& pipeline);

// Makes the collections with their indexes.
Status ensure_kept(Connection& connection, const std::string& database, const std::string& pipeline,
                   const std::vector<KeptTable>& tables);
// All that is kept for the pipeline goes, but the layouts: rows of other pipelines may have the same. Fine
// where there is none.
Status drop_kept(Connection& connection, const std::string& database, const std::string& pipeline);
// The layouts, once no pipeline keeps rows.
Status drop_unused_layouts(Connection& connection, const std::string& database);

}  // namespace penstock::mongo
