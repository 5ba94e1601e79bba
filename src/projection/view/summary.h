// The seam between the projector of read models, which finds the rows that changed, and summaries, which make
// one document of many rows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expression/expression.h"
#include "model/document_write.h"
#include "model/position.h"
#include "model/table_schema.h"
#include "projection/spec.h"
#include "projection/state/ordered_map.h"

namespace penstock {

// Of a first load: before all that a stream brings.
inline constexpr Position kLoadedAt{Lsn{1}, 0, Lsn{1}};

// The newest event behind a change: for metadata fields and DocumentWrite::position.
struct Cause {
  Position position;
  std::int64_t commit_micros = 0;
};

// Where the documents go: while the collection is built its target, afterwards its own name; the projector
// makes both shapes of Summary::shape() and hands over the one to write to.
struct SummaryWriter {
  WriteGroup& group;
  const DocumentShape& shape;
  // Stored documents may be there already (a build gone on with after a restart): kReplace instead of
  // kInsert.
  bool may_exist = false;
};

// One summary collection. One thread. Its contributions, groups and indexes lie in maps of the state, so that
// they are as old as the rows they were made of, always.
class Summary {
 public:
  virtual ~Summary() = default;

  // The fields, `_id` and metadata fields of its documents; `collection` and `table` are the projector's to
  // fill.
  virtual DocumentShape shape() const = 0;
  // All that its expressions read, from a row of the root scope. Asked for before attach(): a Summary is made
  // twice, first against a scope with all columns of the tables, then against one with those that are read.
  virtual std::vector<expression::Reference> reads() const = 0;
  // Its maps, by names that begin with the collection's. `anew`: they are emptied.
  virtual Status attach(OrderedMaps& maps, bool anew) = 0;

  // The names of those maps: all that it keeps is in them. Of each the entries that come first by their keys'
  // bytes may be taken away before clear().
  virtual std::vector<std::string> maps() const = 0;

  // A row whose contribution may have changed, as it now is, each once per group of changes; null: it is
  // gone, or `where` does not hold for it. `key`: the row's key, its bytes ordered as the key's values are.
  // The row lives until the call returns. An error of kind kBadValue parks the row (the old contribution must
  // be gone).
  virtual Status change(std::string_view key, const expression::Row* row, const Cause& cause) = 0;
  // All rows are gone.
  virtual Status clear(const Cause& cause) = 0;
  // Groups changed since they were last written.
  virtual std::size_t documents_due() const = 0;
  // Appends a write for each of them.
  virtual Status write(SummaryWriter& writer) = 0;

  // A build, after change() was called for all rows: instead of write(), up to `documents` of all groups in
  // order, after `cursor` (empty: from the first), which moves on. False: there are no more. A group that
  // changes meanwhile is written by write() as well; what was due before the build's first call is forgotten.
  virtual Result<bool> write_all(std::string& cursor, std::size_t documents, SummaryWriter& writer) = 0;
};

class SummaryFactory {
 public:
  virtual ~SummaryFactory() = default;
  // `scope`: a root row and its `one` embeds; it outlives the summary.
  // kConfiguration naming the place in `file` when an expression or the definition does not fit.
  virtual Result<std::unique_ptr<Summary>> make(const CollectionSpec& spec, const expression::Scope& scope,
                                                const std::string& file) = 0;
};

}  // namespace penstock
