// The relations that the stream has announced, with their decoders.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/table_schema.h"
#include "pgtype/decoder.h"
#include "source/postgres/catalog.h"
#include "source/postgres/pgoutput.h"
#include "source/postgres/relation_lookup.h"

namespace penstock::postgres {

struct Relation {
  bool wanted = false;  // some collection is made from it
  bool leaf = false;    // a partition that arrives under its own name
  Lsn since;            // TableDescription::since
  // table: the table of the pipeline file (for a leaf its root); columns: as the stream sends them.
  std::shared_ptr<const TableSchema> schema;
  std::vector<std::shared_ptr<const pgtype::Decoder>> decoders;
  std::vector<bool> in_identity;  // per column: sent in a key-only old row
};

// The tables of the pipeline as the catalog last described them, by to_string(TableName).
using TableBook = std::map<std::string, TableDescription>;

// The stream's thread only.
class RelationCache {
 public:
  // `lookup` answers for types and partitions met on the way; it must outlive the cache.
  explicit RelationCache(RelationLookup& lookup);

  // A Relation message: what follows has this shape.
  Status learn(const RelationMessage& message, const TableBook& tables);
  const Relation* find(std::uint32_t oid) const;
  void forget();  // a new stream announces everything anew

 private:
  Result<std::string> owner_of(const RelationMessage& message, const TableBook& tables, bool& leaf);
  Result<std::string> type_name(std::uint32_t oid, std::int32_t modifier, const TableSchema& known);

  RelationLookup& lookup_;
  pgtype::TypeCatalog types_;
  std::unordered_map<std::uint32_t, Relation> relations_;
};

}  // namespace penstock::postgres
