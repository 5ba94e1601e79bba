// The fields of each level: what a document shows, and which columns that depends on.
#include <algorithm>

#include "projection/view/tree_compiler.h"

namespace penstock {
namespace {

constexpr std::string_view kId = "_id";

const FieldSpec* named(const std::vector<FieldSpec>& fields, const std::string& name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const FieldSpec& field) { return !field.drop && field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

bool dropped(const std::vector<FieldSpec>& fields, const std::string& column) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const FieldSpec& field) { return field.drop && field.column == column; });
}

bool reads_embeds(const expression::Expression& expression) {
  return std::any_of(expression.reads().begin(), expression.reads().end(),
                     [](const expression::Reference& reference) { return !reference.embeds.empty(); });
}

bool reads_embeds_above(const expression::Expression& expression) {
  return std::any_of(expression.reads().begin(), expression.reads().end(),
                     [](const auto& reference) { return reference.up > 0 && !reference.embeds.empty(); });
}

}  // namespace

void TreeCompiler::use(Node& node, std::uint16_t column) {
  node.relevant[column] = true;
  node.mirror->need(column);
}

void TreeCompiler::read(Node& node, const std::vector<expression::Reference>& reads) {
  for (const expression::Reference& reference : reads) {
    Node* at = &node;
    for (std::uint16_t up = 0; up < reference.up; ++up) at = at->parent;
    for (const std::uint16_t embed : reference.embeds) at = at->children[embed].get();
    if (reference.column != expression::Reference::kRows) use(*at, reference.column);
  }
}

Result<expression::Expression> TreeCompiler::compile_sql(const SqlText& sql, Node& node) {
  PENSTOCK_ASSIGN(auto compiled, expression::Expression::compile(
                                     {sql.text, options_.file, sql.line, sql.column}, node.scope));
  read(node, compiled.reads());
  return compiled;
}

// The levels below first: their fields are part of this one's.
Status TreeCompiler::compile_level(Node& node) {
  for (const auto& child : node.children) PENSTOCK_TRY(compile_level(*child));
  PENSTOCK_TRY(compile_conditions(node));
  if (node.parent == nullptr && tree_.spec.is_summary()) return {};
  const bool all = node.spec != nullptr ? node.spec->all_columns : tree_.spec.all_columns;
  const std::vector<FieldSpec>& fields = node.spec != nullptr ? node.spec->fields : tree_.spec.fields;
  if (node.spec != nullptr) {
    const EmbedSpec& spec = *node.spec;
    if (!spec.map_key.text.empty()) {
      PENSTOCK_ASSIGN(node.map_key, compile_sql(spec.map_key, node));
    }
    if (!spec.value.text.empty()) {
      PENSTOCK_ASSIGN(node.value, compile_sql(spec.value, node));
      return {};
    }
    if (spec.shape == EmbedSpec::Shape::kValues)
      return refuse(node.level, spec.line, "`shape: values` needs `value:`",
                    "say which value of each row is listed");
    if (spec.hidden) return {};  // only expressions read it, and they say what
  }
  if (all) PENSTOCK_TRY(add_columns(node, fields));
  PENSTOCK_TRY(add_fields(node, fields, all));
  return add_embeds(node);
}

Status TreeCompiler::compile_conditions(Node& node) {
  const SqlText& where = node.spec != nullptr ? node.spec->where : tree_.spec.where;
  if (!where.text.empty()) {
    PENSTOCK_ASSIGN(node.where, expression::Expression::compile_condition(
                                    {where.text, options_.file, where.line, where.column}, node.scope));
    read(node, node.where->reads());
    node.where_is_local = !reads_embeds(*node.where);
    if (reads_embeds_above(*node.where))
      return refuse(node.level, where.line, "`where` reads other rows of its owner",
                    "read only its owner's columns");
    if (node.parent == nullptr) tree_.where_is_own = node.where_is_local;
  }
  if (node.spec == nullptr) return {};
  for (const OrderSpec& order : node.spec->order_by) {
    PENSTOCK_ASSIGN(auto by, compile_sql(order.sql, node));
    if (reads_embeds_above(by))
      return refuse(node.level, order.sql.line, "`order_by` reads other rows of its owner",
                    "read only its owner's columns");
    node.order.push_back({std::move(by), order.descending, order.nulls_first});
  }
  return {};
}

FieldShape TreeCompiler::column_shape(const Mirror& mirror, std::uint16_t column) const {
  const Mirror::Column& from = mirror.columns()[column];
  return {from.name, BsonType::kDefault, mirror.name() + "." + from.name + " " + from.type_name};
}

// Every column in its place; where a field or an embed bears its name, that one.
Status TreeCompiler::add_columns(Node& node, const std::vector<FieldSpec>& fields) {
  const auto embedded = [&](const std::string& name) {
    return std::any_of(node.children.begin(), node.children.end(), [&](const auto& child) {
      return !child->spec->hidden && !child->spec->merge && child->spec->name == name;
    });
  };
  for (std::size_t i = 0; i < node.mirror->columns().size(); ++i) {
    const auto column = static_cast<std::uint16_t>(i);
    const std::string& name = node.mirror->columns()[i].name;
    if (const FieldSpec* field = named(fields, name)) {
      PENSTOCK_TRY(add_spec(node, *field));
    } else if (!dropped(fields, name) && !embedded(name)) {
      PENSTOCK_TRY(add_column(node, column));
    }
  }
  return {};
}

Status TreeCompiler::add_fields(Node& node, const std::vector<FieldSpec>& fields, bool all_columns) {
  const int line = node.spec != nullptr ? node.spec->line : tree_.spec.line;
  for (const FieldSpec& field : fields) {
    if (field.drop) {
      if (options_.narrowed) continue;
      PENSTOCK_TRY(column_of(*node.mirror, field.column, node.level, field.line > 0 ? field.line : line));
      continue;
    }
    const bool placed = all_columns && node.mirror->find_column(field.name).has_value();
    if (!placed) PENSTOCK_TRY(add_spec(node, field));
  }
  return {};
}

Status TreeCompiler::add_column(Node& node, std::uint16_t column) {
  Output output;
  output.column = column;
  output.name = node.mirror->columns()[column].name;
  output.from_star = true;
  use(node, column);
  return add_field(node, std::move(output), column_shape(*node.mirror, column), 0);
}

Status TreeCompiler::add_spec(Node& node, const FieldSpec& field) {
  FieldShape shape;
  PENSTOCK_ASSIGN(Output output, output_of(node, field, shape));
  return add_field(node, std::move(output), std::move(shape), field.line);
}

Result<Output> TreeCompiler::output_of(Node& node, const FieldSpec& field, FieldShape& shape) {
  Output output;
  output.name = field.name;
  if (!field.fields.empty()) {
    output.kind = Output::Kind::kDocument;
    for (const FieldSpec& part : field.fields) {
      FieldShape part_shape;
      PENSTOCK_ASSIGN(Output made, output_of(node, part, part_shape));
      output.parts.push_back(std::move(made));
      shape.fields.push_back(std::move(part_shape));
    }
    shape.source = node.level + "." + field.name;
  } else if (!field.sql.text.empty()) {
    output.kind = Output::Kind::kExpression;
    PENSTOCK_ASSIGN(output.expression, compile_sql(field.sql, node));
    shape.source = node.level + "." + field.name + " " + expression::to_string(output.expression->type());
  } else {
    PENSTOCK_ASSIGN(output.column, column_of(*node.mirror, field.column, node.level, field.line));
    use(node, output.column);
    shape = column_shape(*node.mirror, output.column);
  }
  shape.name = field.name;
  shape.as = field.as;
  return output;
}

Status TreeCompiler::add_field(Node& node, Output output, FieldShape shape, int line) {
  if (node.parent == nullptr && shape.name == kId) {
    const auto& id = tree_.spec.id;
    const auto& key = node.mirror->key();
    const std::string& column =
        output.kind == Output::Kind::kColumn ? node.mirror->columns()[output.column].name : shape.name;
    const bool is_id = id.empty() ? key.size() == 1 && node.mirror->columns()[key[0]].name == column
                                  : id.size() == 1 && id[0].column == column;
    if (output.kind == Output::Kind::kColumn && is_id) return {};
    return refuse(node.level, line, "a field would be written as \"_id\", which is the key of the document",
                  "leave it out or give it another name, or make it the key with id:");
  }
  const bool there = std::any_of(node.shapes.begin(), node.shapes.end(),
                                 [&](const FieldShape& other) { return other.name == shape.name; });
  if (there)
    return refuse(node.level, line, "two fields are called \"" + shape.name + "\"",
                  "give one of them another name in the pipeline file");
  node.outputs.push_back(std::move(output));
  node.shapes.push_back(std::move(shape));
  return {};
}

FieldShape TreeCompiler::embed_shape(const Node& child) const {
  FieldShape shape;
  shape.name = child.spec->name;
  shape.source = child.level;
  if (!child.value) shape.fields = child.shapes;
  if (child.value) shape.source += " " + expression::to_string(child.value->type());
  shape.map = child.spec->shape == EmbedSpec::Shape::kMap;
  shape.list = child.many() && !shape.map;
  return shape;
}

Status TreeCompiler::add_embeds(Node& node) {
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const Node& child = *node.children[i];
    if (child.spec->hidden) continue;
    if (child.spec->merge) {
      PENSTOCK_TRY(add_merged(node, i));
      continue;
    }
    Output output;
    output.kind = Output::Kind::kEmbed;
    output.embed = i;
    output.name = child.spec->name;
    PENSTOCK_TRY(add_field(node, std::move(output), embed_shape(child), child.spec->line));
  }
  return {};
}

// The fields of a `one` among the owner's. A column that only "*" brought gives way to the owner's field.
Status TreeCompiler::add_merged(Node& node, std::size_t embed) {
  const Node& child = *node.children[embed];
  if (child.many())
    return refuse(child.level, child.spec->line, "`merge` needs `one:`, as many rows have no single value",
                  "use `one:`, or leave out `merge`");
  for (std::size_t i = 0; i < child.outputs.size(); ++i) {
    const FieldShape& shape = child.shapes[i];
    const bool from_star = child.outputs[i].from_star;
    const bool there = std::any_of(node.shapes.begin(), node.shapes.end(),
                                   [&](const FieldShape& other) { return other.name == shape.name; });
    if ((there || (node.parent == nullptr && shape.name == kId)) && from_star) continue;
    Output output;
    output.kind = Output::Kind::kMerged;
    output.embed = embed;
    output.name = shape.name;
    output.from_star = from_star;
    output.parts.push_back(child.outputs[i]);
    PENSTOCK_TRY(add_field(node, std::move(output), shape, child.spec->line));
  }
  return {};
}

Status TreeCompiler::plan_id() {
  Node& root = tree_.root;
  tree_.id_is_key = tree_.spec.id.empty();
  if (tree_.spec.is_summary()) return {};
  for (const std::uint16_t column : root.mirror->key()) {
    if (!tree_.id_is_key) break;
    Output output;
    output.column = column;
    output.name = root.mirror->columns()[column].name;
    tree_.id.push_back(output);
    tree_.shape.id.push_back(column_shape(*root.mirror, column));
    tree_.shape.id_columns.push_back(output.name);
  }
  for (const FieldSpec& field : tree_.spec.id) {
    FieldShape shape;
    PENSTOCK_ASSIGN(Output output, output_of(root, field, shape));
    if (output.expression && reads_embeds(*output.expression))
      return refuse(root.level, field.line, "`id:` reads other rows than the root's",
                    "make it of the root table's columns");
    tree_.shape.id_columns.push_back(
        output.kind == Output::Kind::kColumn ? root.mirror->columns()[output.column].name : field.name);
    tree_.id.push_back(std::move(output));
    tree_.shape.id.push_back(std::move(shape));
  }
  return {};
}

Status TreeCompiler::plan_metadata() {
  DocumentShape& shape = tree_.shape;
  Node& root = tree_.root;
  shape.change_field = -1;
  shape.time_field = -1;
  const auto add = [&](const std::optional<std::string>& name, int& place) -> Status {
    if (!name) return {};
    place = static_cast<int>(root.shapes.size());
    FieldShape field{*name, BsonType::kDefault, "metadata field " + *name};
    return add_field(root, Output(), std::move(field), tree_.spec.line);
  };
  PENSTOCK_TRY(add(tree_.spec.change_field, shape.change_field));
  PENSTOCK_TRY(add(tree_.spec.time_field, shape.time_field));
  shape.fields = root.shapes;
  return {};
}

Status TreeCompiler::plan_summary() {
  if (options_.summaries == nullptr)
    return refuse(tree_.name(), tree_.spec.line, "summaries (`group_by`) are not built into this program",
                  "leave the collection out");
  PENSTOCK_ASSIGN(tree_.summary, options_.summaries->make(tree_.spec, tree_.root.scope, options_.file));
  read(tree_.root, tree_.summary->reads());
  tree_.shape = tree_.summary->shape();
  return {};
}

void TreeCompiler::finish_shape(DocumentShape& shape, const std::string& collection) const {
  shape.collection = collection;
  shape.table = tree_.root.mirror->name();
  shape.soft_deletes = tree_.spec.soft_deletes;
  shape.partial = true;
}

}  // namespace penstock
