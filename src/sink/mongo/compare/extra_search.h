// Documents that no row makes, found by reading all `_id`s of a collection.
#pragma once

#include <cstdint>
#include <string>

#include "sink/mongo/compare/difference_list.h"
#include "sink/mongo/compare/produced_ids.h"
#include "sink/mongo/compare/snapshot_session.h"
#include "sink/mongo/compare/stored_document.h"

namespace penstock::mongo {

// One thread at a time. What it is given must outlive it.
class ExtraSearch {
 public:
  // At most `ids_in_memory` ids are held at a time: more take several passes.
  ExtraSearch(const std::string& database, const DocumentShape& shape, ProducedIds& ids,
              DifferenceList& differences, std::size_t ids_in_memory);

  // Goes on where it was: also after a failure, and with a session of another moment.
  Tried<void> run(SnapshotSession& session, Lsn since);
  // Afterwards: how many documents should be there.
  std::uint64_t produced() const { return produced_; }
  std::uint64_t read() const { return read_; }  // `_id`s so far, in all passes

 private:
  Tried<bool> page(SnapshotSession& session, Lsn since);
  Tried<void> load();

  const std::string& database_;
  const DocumentShape& shape_;
  ProducedIds& ids_;
  DifferenceList& differences_;
  Hasher hasher_;
  std::size_t part_ = 0;
  std::size_t parts_;
  bool loaded_ = false;
  std::string after_;  // {_id: …} of the last one read in this pass
  std::uint64_t produced_ = 0;
  std::uint64_t read_ = 0;
};

}  // namespace penstock::mongo
