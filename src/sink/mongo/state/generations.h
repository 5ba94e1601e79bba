// Collections that are built beside the one readers see, and take its place by a rename.
#pragma once

#include "base/result.h"
#include "model/document_write.h"
#include "sink/mongo/client.h"
#include "sink/mongo/mongo_sink.h"

namespace penstock::mongo {

// The target exists, is empty and has the indexes of its collection. Again: the same.
Tried<void> prepare_target(Connection& connection, const Options& options, const Publish& publish);
// The target becomes the collection, in one atomic step for readers; open cursors and change streams on the
// old one end. With `keep_previous` of the collection a copy of the old one is kept as previous_name() first.
// Again: no target means that it was done.
Tried<void> publish_target(Connection& connection, const Options& options, const Publish& publish);

}  // namespace penstock::mongo
