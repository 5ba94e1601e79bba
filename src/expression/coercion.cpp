#include "expression/coercion.h"

#include <algorithm>

#include "expression/array_node.h"
#include "expression/array_text.h"
#include "expression/constant.h"
#include "expression/function_node.h"
#include "expression/lookup.h"
#include "expression/output.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

char context_letter(Coercion context) {
  return context == Coercion::kImplicit ? 'i' : context == Coercion::kAssignment ? 'a' : 'e';
}

bool allows(Coercion context, char cast_context) {
  if (cast_context == 'i') return true;
  if (cast_context == 'a') return context != Coercion::kImplicit;
  return context_letter(context) == 'e';
}

tl::unexpected<Error> refuse(std::string message, std::string remedy = {}) {
  return fail(ErrorKind::kConfiguration, std::move(message), std::move(remedy));
}

tl::unexpected<Error> no_cast(Type from, Type to) {
  return refuse("cannot cast type " + to_string(from) + " to " + to_string(to));
}

Result<NodePtr> call_cast(const Function& cast, NodePtr node, Type target) {
  std::vector<NodePtr> arguments;
  arguments.push_back(std::move(node));
  return make_call(cast, std::move(arguments), target);
}

const Function* literal_reader(std::uint32_t target) {
  if (const Function* reader = find_cast(oid::kUnknown, target); reader != nullptr) return reader;
  return find_cast(oid::kText, target);
}

Result<NodePtr> read_array(std::string_view text, Type target) {
  PENSTOCK_ASSIGN(const ArrayText parsed, parse_array(text));
  const Type element{element_of(target.oid), target.modifier};
  return make_array_literal(parsed, target, [&](std::string_view item) {
    return coerce(literal(item), element, Coercion::kExplicit);
  });
}

// What the literal is as `target`: its errors show when the expression is compiled, as in PostgreSQL.
Result<NodePtr> read_literal(const Node& node, Type target) {
  const Value& value = *node.constant();
  if (value.is_null()) return null_of(target);
  const std::string_view text = value.get<Text>()->text;
  if (is_array(target.oid)) return read_array(text, target);
  const Function* reader = literal_reader(target.oid);
  if (reader == nullptr) {
    return refuse("literals of type " + to_string(target) + " are not supported in expressions");
  }
  Arena owner;
  const Value argument = Text{owner.copy(text)};
  Result<Value> read = reader->call(Call{{&argument, 1}, owner, target.modifier});
  if (!read) return refuse(read.error().message);
  return std::make_unique<Constant>(target, *read, std::move(owner));
}

// The same type with another length or precision.
Result<NodePtr> fit_modifier(NodePtr node, Type target) {
  const Type from = node->type();
  if (target.modifier < 0 || target.modifier == from.modifier) return node;
  if (const Function* cast = find_cast(from.oid, target.oid); cast != nullptr) {
    return call_cast(*cast, std::move(node), target);
  }
  return refuse("a cast to " + to_string(target) + " is not supported in expressions");
}

Result<NodePtr> coerce_array(NodePtr node, Type target, Coercion context) {
  const std::uint32_t from = element_of(node->type().oid);
  PENSTOCK_ASSIGN(NodePtr element, coerce(std::make_unique<ElementValue>(Type{from}),
                                          Type{element_of(target.oid), target.modifier}, context));
  return make_array_cast(std::move(node), std::move(element), target);
}

// Every type can be written as text and, when asked, read from it.
Result<NodePtr> coerce_by_text(NodePtr node, Type target, Coercion context) {
  const Type from = node->type();
  constexpr Type kTextType{oid::kText};
  if (is_string(target.oid) && context != Coercion::kImplicit) {
    const Function* writer = find_cast(from.oid, oid::kText);
    PENSTOCK_ASSIGN(NodePtr text, writer != nullptr ? call_cast(*writer, std::move(node), kTextType)
                                                    : make_output(std::move(node)));
    return coerce(std::move(text), target, context);
  }
  const bool readable = is_array(target.oid) || find_cast(oid::kText, target.oid) != nullptr;
  if (!is_string(from.oid) || context != Coercion::kExplicit || !readable) return no_cast(from, target);
  if (from.oid != oid::kText) {
    return coerce(make_output(std::move(node)), target, context);  // character keeps its padding
  }
  PENSTOCK_ASSIGN(NodePtr element,
                  coerce(std::make_unique<ElementValue>(kTextType),
                         Type{element_of(target.oid), target.modifier}, Coercion::kExplicit));
  return make_array_reader(std::move(node), std::move(element), target);
}

tl::unexpected<Error> cannot_be_matched(std::span<const std::uint32_t> types, const char* what) {
  const auto known =
      std::find_if(types.begin(), types.end(), [](auto type) { return type != oid::kUnknown; });
  const auto other = std::find_if(known, types.end(), [&](auto type) {
    return type != oid::kUnknown && category_of(type) != category_of(*known);
  });
  return refuse(std::string(what) + " types " + to_string(Type{*known}) + " and " + to_string(Type{*other}) +
                " cannot be matched");
}

bool is_polymorphic(std::uint32_t type) {
  return type == oid::kAnyElement || type == oid::kAnyArray || type == kAnyOid;
}

}  // namespace

bool can_coerce(std::uint32_t from, std::uint32_t to, Coercion context) {
  if (from == to || is_polymorphic(to) || from == oid::kUnknown) return true;
  if (const Function* cast = find_cast(from, to); cast != nullptr && allows(context, cast->cast_context)) {
    return true;
  }
  if (is_array(from) && is_array(to)) return can_coerce(element_of(from), element_of(to), context);
  if (is_string(to)) return context != Coercion::kImplicit;
  return is_string(from) && context == Coercion::kExplicit &&
         (is_array(to) || find_cast(oid::kText, to) != nullptr);
}

Result<NodePtr> coerce(NodePtr node, Type target, Coercion context) {
  const Type from = node->type();
  if (is_unknown(*node)) {
    return target.oid == oid::kUnknown ? Result<NodePtr>(std::move(node)) : read_literal(*node, target);
  }
  if (from.oid == target.oid && !is_array(from.oid)) return fit_modifier(std::move(node), target);
  if (from.oid == target.oid && (target.modifier < 0 || target.modifier == from.modifier)) return node;
  if (is_array(from.oid) && is_array(target.oid)) return coerce_array(std::move(node), target, context);
  if (const Function* cast = find_cast(from.oid, target.oid); cast != nullptr) {
    if (!allows(context, cast->cast_context)) return no_cast(from, target);
    return call_cast(*cast, std::move(node), target);
  }
  return coerce_by_text(std::move(node), target, context);
}

std::optional<std::uint32_t> common_type(std::span<const std::uint32_t> types) {
  std::uint32_t common = oid::kUnknown;
  for (const std::uint32_t type : types) {
    if (type == oid::kUnknown || type == common) continue;
    if (common == oid::kUnknown) {
      common = type;
      continue;
    }
    if (category_of(type) != category_of(common)) return std::nullopt;
    if (is_preferred(common)) continue;
    if (can_coerce(common, type, Coercion::kImplicit) && !can_coerce(type, common, Coercion::kImplicit)) {
      common = type;
    }
  }
  return common == oid::kUnknown ? oid::kText : common;
}

Result<Type> unify(std::vector<NodePtr*> nodes, const char* what) {
  std::vector<std::uint32_t> types;
  bool same_modifier = true;
  for (const NodePtr* node : nodes) {
    types.push_back((*node)->type().oid);
    same_modifier = same_modifier && (*node)->type() == (*nodes.front())->type();
  }
  const auto common = common_type(types);
  if (!common) return cannot_be_matched(types, what);
  const Type type{*common, same_modifier ? (*nodes.front())->type().modifier : -1};
  for (NodePtr* node : nodes) {
    if ((*node)->type().oid == type.oid) continue;
    PENSTOCK_ASSIGN(*node, coerce(std::move(*node), Type{type.oid}, Coercion::kImplicit));
  }
  return type;
}

Result<NodePtr> coerce_to_bool(NodePtr node, const std::string& what) {
  const Type from = node->type();
  if (from.oid != oid::kUnknown && from.oid != oid::kBool) {
    return refuse(what + " must be type boolean, not type " + to_string(Type{from.oid}));
  }
  return coerce(std::move(node), Type{oid::kBool}, Coercion::kImplicit);
}

Result<NodePtr> settled(NodePtr node) {
  if (!is_unknown(*node)) return node;
  return coerce(std::move(node), Type{oid::kText}, Coercion::kImplicit);
}

}  // namespace penstock::expression
