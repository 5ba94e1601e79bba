// Beginning with read models whose rows are kept, and knowing how far their documents are.
//   penstock_positions  {_id: "<pipeline>/read models", kind: "read models", definition, generation, ready}
//   penstock_offsets    of each partition also `settled`: all that comes before this offset is in the
//   documents
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sink/mongo/context.h"
#include "sink/mongo/kept/kept_reader.h"

namespace penstock::mongo {

struct KeptModels {
  std::string definition;  // what is kept can be read as long as this is equal
  std::vector<KeptTable> tables;
  std::vector<std::string> collections;
};

// In the definitions of partitions whose rows are kept: they are begun with what is kept, and end with it.
inline constexpr const char* kKeptFor = "kept for ";

// Of what is kept with these definitions; empty: nothing, so that all is to be kept anew.
Result<std::string> kept_generation(Connection& connection, const Context& context, const KeptModels& models);
// Makes what is missing. What is kept with other definitions goes, and with it the documents: from then on
// all rows are to come again. `anew`: it goes in any case; the documents stay. Gives the generation
// (worker/generation.h): where that is another one, tasks of those before write nothing any more, nor did any
// since what was kept went. kFenced: somebody else does the same.
Result<std::string> begin_models(Connection& connection, const Context& context, const KeptModels& models,
                                 bool anew);

// kConfiguration: tasks of an engine keep the rows of the pipeline's read models.
Status refuse_kept_models(Connection& connection, const Context& context);

// The lanes that have marks. None: what is applied until now is settled, which is stored.
Result<std::vector<std::string>> lanes_to_settle(Connection& connection, const Context& context);

}  // namespace penstock::mongo
