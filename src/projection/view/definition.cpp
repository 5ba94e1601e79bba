#include "projection/view/definition.h"

namespace penstock {
namespace {

// Types of extensions have no operators here; PostgreSQL prints each as some text.
constexpr std::uint32_t kFirstUserOid = 16384;
constexpr std::uint32_t kTextOid = 25;

}  // namespace

expression::Type expression_type(const Column& column) {
  const std::uint32_t base = column.base_type_oid != 0 ? column.base_type_oid : column.type_oid;
  if (base >= kFirstUserOid) return {kTextOid, -1};
  return {base, base == column.type_oid ? column.type_modifier : -1};
}

Result<ColumnsRead> try_definition(const CollectionSpec& spec, const std::vector<TableSchema>& tables,
                                   const CompileOptions& options) {
  Mirrors mirrors;
  for (const TableSchema& schema : tables) {
    std::vector<Mirror::Column> columns;
    for (const Column& column : schema.columns) {
      const expression::Type type = expression_type(column);
      columns.push_back({column.name, type, column.type_name, key_mode(type.oid)});
    }
    mirrors[schema.table] = std::make_unique<Mirror>(schema.table, std::move(columns), schema.key);
  }
  PENSTOCK_ASSIGN(const auto tree, compile_tree(spec, mirrors, options));
  ColumnsRead read;
  for (const Mirror* mirror : tree->mirrors) {
    std::set<std::string>& names = read[mirror->name()];
    for (std::size_t i = 0; i < mirror->columns().size(); ++i)
      if (mirror->needed(static_cast<std::uint16_t>(i))) names.insert(mirror->columns()[i].name);
  }
  return read;
}

}  // namespace penstock
