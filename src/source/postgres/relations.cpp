#include "source/postgres/relations.h"

namespace penstock::postgres {

RelationCache::RelationCache(RelationLookup& lookup)
    : lookup_(lookup), types_([&lookup](std::uint32_t oid) { return lookup.type(oid); }) {}

const Relation* RelationCache::find(std::uint32_t oid) const {
  const auto found = relations_.find(oid);
  return found == relations_.end() ? nullptr : &found->second;
}

void RelationCache::forget() {
  relations_.clear();
  types_.forget();
}

// The table of the pipeline that the relation belongs to; empty: none.
Result<std::string> RelationCache::owner_of(const RelationMessage& message, const TableBook& tables,
                                            bool& leaf) {
  const TableName name{message.schema.empty() ? "pg_catalog" : std::string(message.schema),
                       std::string(message.name)};
  leaf = false;
  if (tables.contains(to_string(name))) return to_string(name);
  leaf = true;
  for (const auto& [table, description] : tables)
    for (const auto& part : description.leaves)
      if (part.oid == message.oid) return table;
  PENSTOCK_ASSIGN(const auto ancestors, lookup_.partition_ancestors(message.oid));
  for (const auto& ancestor : ancestors)
    if (tables.contains(to_string(ancestor))) return to_string(ancestor);
  return std::string();
}

Result<std::string> RelationCache::type_name(std::uint32_t oid, std::int32_t modifier,
                                             const TableSchema& known) {
  for (const auto& column : known.columns)
    if (column.type_oid == oid && column.type_modifier == modifier) return column.type_name;
  return lookup_.format_type(oid, modifier);
}

Status RelationCache::learn(const RelationMessage& message, const TableBook& tables) {
  Relation relation;
  PENSTOCK_ASSIGN(const std::string owner, owner_of(message, tables, relation.leaf));
  if (owner.empty()) {
    relations_.insert_or_assign(message.oid, std::move(relation));
    return {};
  }
  const TableSchema& known = *tables.at(owner).schema;
  auto schema = std::make_shared<TableSchema>();
  schema->table = known.table;
  schema->oid = message.oid;
  schema->replica_identity = message.replica_identity;
  types_.forget();  // an enum or a composite may have got new members since
  PENSTOCK_ASSIGN(auto details, lookup_.column_details(message.oid));
  for (const auto& column : message.columns) {
    PENSTOCK_ASSIGN(std::string type, type_name(column.type, column.modifier, known));
    auto decoder = pgtype::decoder_for(column.type, types_);
    if (!decoder) {
      Error error = std::move(decoder).error();
      error.message = owner + "." + std::string(column.name) + ": " + error.message;
      return fail(std::move(error));
    }
    relation.decoders.push_back(std::move(*decoder));
    relation.in_identity.push_back(column.in_key);
    PENSTOCK_ASSIGN(const std::uint32_t base, pgtype::base_type(column.type, types_));
    const auto described = known.find(column.name);
    const bool not_null = described && known.columns[*described].not_null;
    schema->columns.push_back({std::string(column.name), column.type, column.modifier, std::move(type), base,
                               not_null, std::move(details[std::string(column.name)])});
  }
  for (const auto index : known.key) {
    const auto here = schema->find(known.columns[index].name);
    if (!here)
      return fail(
          ErrorKind::kConfiguration,
          "key column \"" + known.columns[index].name + "\" of " + owner + " is no longer in the stream",
          "put the column back, or change `key:` and run `penstock resync PIPELINE --table " + owner + "`");
    schema->key.push_back(*here);
  }
  relation.wanted = true;
  relation.since = tables.at(owner).since;
  relation.schema = std::move(schema);
  relations_.insert_or_assign(message.oid, std::move(relation));
  return {};
}

}  // namespace penstock::postgres
