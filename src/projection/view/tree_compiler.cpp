#include "projection/view/tree_compiler.h"

#include <algorithm>

#include "projection/nearest_column.h"

namespace penstock {
namespace {

constexpr int kMaxDepth = 100;

std::string line_of(int line) {
  return line > 0 ? " (line " + std::to_string(line) + " of the pipeline file)" : "";
}

}  // namespace

Result<std::unique_ptr<Tree>> compile_tree(const CollectionSpec& spec, const Mirrors& mirrors,
                                           const CompileOptions& options) {
  auto tree = std::make_unique<Tree>();
  tree->spec = spec;
  tree->fingerprint = fingerprint(spec);
  PENSTOCK_TRY(TreeCompiler(*tree, mirrors, options).compile());
  return tree;
}

Status TreeCompiler::compile() {
  PENSTOCK_TRY(plan_root());
  PENSTOCK_TRY(plan_children(tree_.root, tree_.spec.embeds));
  PENSTOCK_TRY(compile_level(tree_.root));
  PENSTOCK_TRY(plan_id());
  if (tree_.spec.is_summary()) {
    PENSTOCK_TRY(plan_summary());
  } else {
    PENSTOCK_TRY(plan_metadata());
  }
  finish_shape(tree_.shape, tree_.name());
  tree_.building = tree_.shape;
  tree_.building.collection = build_name(tree_.name());
  tree_.building.built_for = tree_.name();
  // Another key gives other documents.
  tree_.fingerprint += " keyed by " + tree_.root.mirror->key_text();
  tree_.row_schema = tree_.root.mirror->schema();
  collect_appearances(tree_.root);
  return {};
}

tl::unexpected<Error> TreeCompiler::refuse(const std::string& level, int line, const std::string& what,
                                           std::string remedy) const {
  return fail(ErrorKind::kConfiguration, "collection " + level + ": " + what + line_of(line),
              std::move(remedy));
}

Result<Mirror*> TreeCompiler::mirror_of(const TableName& table, const std::string& level, int line) {
  const auto found = mirrors_.find(table);
  if (found == mirrors_.end())
    return refuse(level, line, "table " + to_string(table) + " does not exist, or is not in the publication",
                  "correct its name in the pipeline file, or add the table to the publication");
  Mirror* mirror = found->second.get();
  if (mirror->key().empty())
    return refuse(
        level, line, "table " + to_string(table) + " has no primary key",
        "ALTER TABLE " + quoted(table) +
            " ADD PRIMARY KEY (...); or name the columns of a unique index in the pipeline file: key: [...]");
  for (const std::uint16_t column : mirror->key()) mirror->need(column);
  if (std::find(tree_.mirrors.begin(), tree_.mirrors.end(), mirror) == tree_.mirrors.end())
    tree_.mirrors.push_back(mirror);
  return mirror;
}

Result<std::uint16_t> TreeCompiler::column_of(const Mirror& mirror, const std::string& name,
                                              const std::string& level, int line) {
  if (const auto column = mirror.find_column(name)) return *column;
  std::string what = "table " + mirror.name() + " has no column \"" + name + "\"";
  const TableSchema schema = mirror.schema();
  if (const Column* nearest = nearest_column(schema, name))
    what += "; the nearest is \"" + nearest->name + "\"";
  return refuse(level, line, what,
                "correct it in the pipeline file, or add the column to the table and to the publication's "
                "column list");
}

Status TreeCompiler::plan_root() {
  Node& root = tree_.root;
  root.level = tree_.name();
  PENSTOCK_ASSIGN(root.mirror, mirror_of(tree_.spec.from, root.level, tree_.spec.line));
  root.mirror->be_root();
  root.scope.level = root.level;
  for (const Mirror::Column& column : root.mirror->columns())
    root.scope.columns.push_back({column.name, column.type});
  root.relevant.assign(root.mirror->columns().size(), false);
  return {};
}

Status TreeCompiler::plan_children(Node& owner, const std::vector<EmbedSpec>& embeds) {
  for (const EmbedSpec& spec : embeds) PENSTOCK_TRY(plan_child(owner, spec, spec.depth));
  for (const auto& child : owner.children)
    owner.scope.embeds.push_back({child->spec->name, child->many(), &child->scope});
  return {};
}

Status TreeCompiler::plan_child(Node& owner, const EmbedSpec& spec, int depth) {
  Node& node = *owner.children.emplace_back(std::make_unique<Node>());
  node.parent = &owner;
  node.spec = &spec;
  node.level = owner.level + "." + spec.name;
  PENSTOCK_ASSIGN(node.mirror, mirror_of(spec.from, node.level, spec.line));
  node.scope.level = node.level;
  node.scope.parent = &owner.scope;
  for (const Mirror::Column& column : node.mirror->columns())
    node.scope.columns.push_back({column.name, column.type});
  node.relevant.assign(node.mirror->columns().size(), false);
  PENSTOCK_TRY(plan_joins(owner, node));
  for (const EmbedSpec& below : spec.embeds) PENSTOCK_TRY(plan_child(node, below, below.depth));
  if (depth > kMaxDepth)
    return refuse(node.level, spec.line, "`depth` is more than " + std::to_string(kMaxDepth), "lower it");
  if (depth > 1) PENSTOCK_TRY(plan_child(node, spec, depth - 1));
  for (const auto& child : node.children)
    node.scope.embeds.push_back({child->spec->name, child->many(), &child->scope});
  return {};
}

// `pairs` name a column of `to` and one of `from`; which of them is left, the caller says.
Result<Lookup> TreeCompiler::lookup(Mirror& from, Mirror& to, const std::vector<EmbedSpec::Pair>& pairs,
                                    bool pairs_left_is_to, const std::string& level, int line) {
  if (pairs.empty())
    return refuse(level, line, "nothing says how " + to.name() + " is joined to " + from.name(),
                  "give it `using:` or `join: { embedded_column: owner_column }`");
  std::vector<std::uint16_t> targets;
  std::vector<std::uint16_t> sources;
  for (const EmbedSpec::Pair& pair : pairs) {
    PENSTOCK_ASSIGN(const std::uint16_t target,
                    column_of(to, pairs_left_is_to ? pair.left : pair.right, level, line));
    PENSTOCK_ASSIGN(const std::uint16_t source,
                    column_of(from, pairs_left_is_to ? pair.right : pair.left, level, line));
    if (std::find(targets.begin(), targets.end(), target) != targets.end())
      return refuse(level, line, "column \"" + to.columns()[target].name + "\" is joined twice",
                    "name each column once");
    targets.push_back(target);
    sources.push_back(source);
    from.need(source);
  }
  Lookup lookup;
  lookup.in = &to;
  lookup.path = to.path_over(targets);
  for (const std::uint16_t column : lookup.target().columns) {
    const auto place =
        static_cast<std::size_t>(std::find(targets.begin(), targets.end(), column) - targets.begin());
    lookup.from.push_back(sources[place]);
    lookup.modes.push_back(lookup_mode(from.columns()[sources[place]].mode, to.columns()[column].mode));
  }
  return lookup;
}

Status TreeCompiler::plan_joins(Node& owner, Node& node) {
  const EmbedSpec& spec = *node.spec;
  Mirror* from = owner.mirror;
  if (spec.through) {
    PENSTOCK_ASSIGN(from, mirror_of(spec.through->from, node.level, spec.line));
    PENSTOCK_ASSIGN(node.through,
                    lookup(*owner.mirror, *from, spec.through->owner, true, node.level, spec.line));
    from->path(node.through->path).downward = true;
    for (const std::uint16_t column : node.through->from) use(owner, column);
    // Left is the through table's column here, too.
    PENSTOCK_ASSIGN(node.down,
                    lookup(*from, *node.mirror, spec.through->embedded, false, node.level, spec.line));
    ThroughUse use_of{&node, std::vector<bool>(from->columns().size(), false)};
    for (const std::uint16_t column : node.down.from) use_of.relevant[column] = true;
    for (const std::uint16_t column : node.through->target().columns) use_of.relevant[column] = true;
    through_.push_back(std::move(use_of));
  } else {
    PENSTOCK_ASSIGN(node.down, lookup(*from, *node.mirror, spec.join, true, node.level, spec.line));
    for (const std::uint16_t column : node.down.from) use(owner, column);
  }
  node.mirror->path(node.down.path).downward = true;
  for (const std::uint16_t column : node.down.target().columns) use(node, column);
  return {};
}

// The lookups from a row of the node to the root rows that show it. The columns and paths are known to exist.
std::vector<Lookup> TreeCompiler::hops_of(const Node& node) const {
  std::vector<Lookup> hops;
  for (const Node* at = &node; at->parent != nullptr; at = at->parent) {
    const auto reversed = [&](const Lookup& down, Mirror& below, Mirror& above) {
      Lookup up;
      up.in = &above;
      up.path = above.path_over(down.from);
      for (const std::uint16_t column : up.target().columns) {
        const auto place = std::find(down.from.begin(), down.from.end(), column) - down.from.begin();
        const std::uint16_t source = down.target().columns[static_cast<std::size_t>(place)];
        up.from.push_back(source);
        up.modes.push_back(lookup_mode(below.columns()[source].mode, above.columns()[column].mode));
      }
      hops.push_back(std::move(up));
    };
    Mirror* owner = at->parent->mirror;
    if (at->through) {
      reversed(at->down, *at->mirror, *at->through->in);
      reversed(*at->through, *at->through->in, *owner);
    } else {
      reversed(at->down, *at->mirror, *owner);
    }
  }
  return hops;
}

void TreeCompiler::add_appearance(Mirror& mirror, std::vector<Lookup> hops, std::vector<bool> relevant) {
  Appearance appearance;
  appearance.number = tree_.appearances.size();
  appearance.mirror = &mirror;
  appearance.hops = std::move(hops);
  appearance.relevant = std::move(relevant);
  tree_.appearances.push_back(std::move(appearance));
}

void TreeCompiler::collect_appearances(const Node& node) {
  std::vector<Lookup> hops = hops_of(node);
  for (const ThroughUse& use : through_) {
    if (use.node == &node)
      add_appearance(*node.through->in, std::vector<Lookup>(hops.begin() + 1, hops.end()), use.relevant);
  }
  add_appearance(*node.mirror, std::move(hops), node.relevant);
  for (const auto& child : node.children) collect_appearances(*child);
}

}  // namespace penstock
