#include "projection/view/document_values.h"

#include <algorithm>
#include <unordered_set>

namespace penstock {
namespace {

const TreeRow& tree_row(const expression::Row* row) { return *static_cast<const TreeRow*>(row); }

}  // namespace

Result<Value*> DocumentValues::fields(const Tree& tree, const TreeRow& row) {
  auto* values = arena_.array<Value>(tree.root.outputs.size());
  for (std::size_t i = 0; i < tree.root.outputs.size(); ++i) {
    const int place = static_cast<int>(i);
    if (place == tree.shape.change_field || place == tree.shape.time_field) continue;
    PENSTOCK_ASSIGN(values[i], value(tree.root, tree.root.outputs[i], row));
  }
  return values;
}

Result<const Value*> DocumentValues::id(const Tree& tree, const TreeRow& row) {
  auto* values = arena_.array<Value>(tree.id.size());
  for (std::size_t i = 0; i < tree.id.size(); ++i) {
    PENSTOCK_ASSIGN(values[i], value(tree.root, tree.id[i], row));
  }
  return values;
}

Result<Value> DocumentValues::value(const Node& node, const Output& output, const TreeRow& row) {
  switch (output.kind) {
    case Output::Kind::kColumn:
      return row.columns[output.column];
    case Output::Kind::kExpression: {
      auto made = output.expression->evaluate(row, arena_);
      if (!made) return fail(at_field(made.error(), node, "field " + output.name));
      return made;
    }
    case Output::Kind::kDocument: {
      auto* parts = arena_.array<StructField>(output.parts.size());
      for (std::size_t i = 0; i < output.parts.size(); ++i) {
        parts[i].name = output.parts[i].name;
        PENSTOCK_ASSIGN(parts[i].value, value(node, output.parts[i], row));
      }
      return Struct{parts, static_cast<std::uint32_t>(output.parts.size()), {}};
    }
    case Output::Kind::kEmbed:
      return embedded(*node.children[output.embed], row.embeds[output.embed]);
    case Output::Kind::kMerged: {
      const expression::Row::Children& rows = row.embeds[output.embed];
      if (rows.size == 0) return Null{};
      return value(*node.children[output.embed], output.parts[0], tree_row(rows.rows[0]));
    }
  }
  return Null{};
}

Result<Value> DocumentValues::embedded(const Node& child, const expression::Row::Children& rows) {
  if (!child.many()) {
    if (rows.size == 0) return Null{};
    return one(child, tree_row(rows.rows[0]));
  }
  std::uint32_t count = rows.size;
  if (child.spec->limit && *child.spec->limit < count) count = static_cast<std::uint32_t>(*child.spec->limit);
  if (child.spec->shape == EmbedSpec::Shape::kMap) return map(child, rows, count);
  auto* items = arena_.array<Value>(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    PENSTOCK_ASSIGN(items[i], one(child, tree_row(rows.rows[i])));
  }
  return Array{items, count, {}};
}

Result<Value> DocumentValues::one(const Node& child, const TreeRow& row) {
  if (!child.value) return document(child, row);
  auto made = child.value->evaluate(row, arena_);
  if (!made) return fail(at_field(made.error(), child, "value"));
  return made;
}

Result<Value> DocumentValues::document(const Node& node, const TreeRow& row) {
  auto* fields = arena_.array<StructField>(node.outputs.size());
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    fields[i].name = node.shapes[i].name;
    PENSTOCK_ASSIGN(fields[i].value, value(node, node.outputs[i], row));
  }
  return Struct{fields, static_cast<std::uint32_t>(node.outputs.size()), {}};
}

Result<std::string_view> DocumentValues::map_key(const Node& child, const TreeRow& row) {
  if (!child.map_key) {
    std::string text;
    for (const std::uint16_t column : child.mirror->key()) {
      if (!text.empty()) text += ',';
      append_text(text, row.columns[column]);
    }
    return arena_.copy(text);
  }
  auto made = child.map_key->evaluate(row, arena_);
  if (!made) return fail(at_field(made.error(), child, "key"));
  if (made->is_null())
    return fail(at_field(make_error(ErrorKind::kRejectedDocument, "a field's name must not be NULL",
                                    "use coalesce(), or leave such rows out with `where`"),
                         child, "key"));
  return arena_.copy(to_text(*made));
}

Result<Value> DocumentValues::map(const Node& child, const expression::Row::Children& rows,
                                  std::uint32_t count) {
  auto* fields = arena_.array<StructField>(count);
  std::unordered_set<std::string_view> seen;
  for (std::uint32_t i = 0; i < count; ++i) {
    const TreeRow& row = tree_row(rows.rows[i]);
    PENSTOCK_ASSIGN(fields[i].name, map_key(child, row));
    if (!seen.insert(fields[i].name).second)
      return fail(at_field(make_error(ErrorKind::kRejectedDocument,
                                      "two rows would be the field \"" + std::string(fields[i].name) + "\"",
                                      "make `key:` unique within the document, or use a list"),
                           child, "key"));
    PENSTOCK_ASSIGN(fields[i].value, one(child, row));
  }
  return Struct{fields, count, {}};
}

}  // namespace penstock
