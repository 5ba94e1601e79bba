// Definitions to trees.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "projection/view/tree.h"

namespace penstock {

using Mirrors = std::map<TableName, std::unique_ptr<Mirror>>;

struct CompileOptions {
  std::string file;                     // the pipeline file, for messages
  SummaryFactory* summaries = nullptr;  // none: collections with group_by are refused
  // The mirrors lack columns that nothing needs: that all names exist was seen when they had them.
  bool narrowed = false;
};

// Compiles one collection against the mirrors, whose needed columns and paths it tells them. The tree borrows
// from the mirrors. kConfiguration, naming collection, level and line: a table, column or join that does not
// exist, fields of one name, expressions that do not compile.
Result<std::unique_ptr<Tree>> compile_tree(const CollectionSpec& spec, const Mirrors& mirrors,
                                           const CompileOptions& options);

// What compile_tree() uses of itself.
class TreeCompiler {
 public:
  TreeCompiler(Tree& tree, const Mirrors& mirrors, const CompileOptions& options)
      : tree_(tree), mirrors_(mirrors), options_(options) {}
  Status compile();

 private:
  // Levels and joins.
  Status plan_root();
  Status plan_children(Node& owner, const std::vector<EmbedSpec>& embeds);
  Status plan_child(Node& owner, const EmbedSpec& spec, int depth);
  Status plan_joins(Node& owner, Node& node);
  Result<Mirror*> mirror_of(const TableName& table, const std::string& level, int line);
  Result<std::uint16_t> column_of(const Mirror& mirror, const std::string& name, const std::string& level,
                                  int line);
  Result<Lookup> lookup(Mirror& from, Mirror& to, const std::vector<EmbedSpec::Pair>& pairs,
                        bool pairs_left_is_to, const std::string& level, int line);
  void add_appearance(Mirror& mirror, std::vector<Lookup> hops, std::vector<bool> relevant);
  std::vector<Lookup> hops_of(const Node& node) const;
  void collect_appearances(const Node& node);

  // Expressions and fields.
  Status compile_level(Node& node);
  Status compile_conditions(Node& node);
  Result<expression::Expression> compile_sql(const SqlText& sql, Node& node);
  void read(Node& node, const std::vector<expression::Reference>& reads);
  void use(Node& node, std::uint16_t column);
  Status add_columns(Node& node, const std::vector<FieldSpec>& fields);
  Status add_fields(Node& node, const std::vector<FieldSpec>& fields, bool all_columns);
  Status add_embeds(Node& node);
  Status add_merged(Node& node, std::size_t embed);
  Status add_spec(Node& node, const FieldSpec& field);
  Status add_column(Node& node, std::uint16_t column);
  Status add_field(Node& node, Output output, FieldShape shape, int line);
  FieldShape column_shape(const Mirror& mirror, std::uint16_t column) const;
  Result<Output> output_of(Node& node, const FieldSpec& field, FieldShape& shape);
  FieldShape embed_shape(const Node& child) const;
  Status plan_id();
  Status plan_metadata();
  Status plan_summary();
  void finish_shape(DocumentShape& shape, const std::string& collection) const;
  tl::unexpected<Error> refuse(const std::string& level, int line, const std::string& what,
                               std::string remedy) const;

  Tree& tree_;
  const Mirrors& mirrors_;
  const CompileOptions& options_;
  // `through` tables: their rows' way to the root, before the nodes' own.
  struct ThroughUse {
    const Node* node;
    std::vector<bool> relevant;
  };
  std::vector<ThroughUse> through_;
};

}  // namespace penstock
