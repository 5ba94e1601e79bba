// Where the read model stands (design 3.1).
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "model/lsn.h"

namespace penstock {

// Everything of source transactions before commit_lsn is applied, and of the transaction at commit_lsn its
// first `ordinal` row and truncate messages. The transaction is whole once through_lsn > commit_lsn. Several
// events share an LSN and a COMMIT's end can equal the next transaction's first change (PostgreSQL 17+), so
// only commit LSNs and ordinals are compared, never the LSNs of changes. Of a source made of partitions
// (model/places.h) commit_lsn is no LSN but the number of the commit.
struct Position {
  Lsn commit_lsn;             // start of the COMMIT record, as in pgoutput's Begin
  std::uint64_t ordinal = 0;  // messages of that transaction already applied
  Lsn through_lsn;  // all commits that end at or before it are applied: a COMMIT's end or an idle keep-alive
  auto operator<=>(const Position&) const = default;

  bool inside_transaction() const { return commit_lsn >= through_lsn && ordinal > 0; }
  // What may be reported as flushed to PostgreSQL once this position is durable: through_lsn, held at or
  // below commit_lsn while a split transaction is under way.
  Lsn flushable() const { return through_lsn; }
};

std::string to_string(const Position& position);

}  // namespace penstock
