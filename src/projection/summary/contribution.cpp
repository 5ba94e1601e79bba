#include "projection/summary/contribution.h"

#include "expression/aggregate/index_key.h"
#include "expression/sort_key.h"
#include "model/row_codec.h"

namespace penstock {
namespace {

using expression::Keeping;

bool is_placed(Keeping keeping) { return keeping == Keeping::kRows; }

tl::unexpected<Error> at(const SummaryDefinition& definition, std::string_view what, Error error) {
  error.message = "collection " + definition.name + ", " + std::string(what) + ": " + error.message;
  return fail(std::move(error));
}

Result<Contribution::Part> take(const SummaryDefinition::Call& call, const expression::Row& row,
                                Arena& arena) {
  Contribution::Part part;
  const expression::AggregateCall& from = *call.call;
  if (from.filter) {
    PENSTOCK_ASSIGN(const bool holds, from.filter->holds(row, arena));
    if (!holds) return part;
  }
  if (from.argument) {
    PENSTOCK_ASSIGN(part.argument, from.argument->evaluate(row, arena));
    if (part.argument.is_null() && expression::skips_null(from.kind)) return part;
  }
  part.counts = true;
  const Keeping keeping = expression::keeping(call.shape);
  if (keeping == Keeping::kTally) return part;
  std::vector<Value> order;
  for (const expression::AggregateCall::Order& by : from.order) {
    PENSTOCK_ASSIGN(order.emplace_back(), by.by.evaluate(row, arena));
  }
  expression::append_place(part.place, call.shape, part.argument, order);
  return part;
}

}  // namespace

std::string group_bytes(const SummaryDefinition& definition, const std::vector<Value>& keys) {
  std::string bytes;
  for (std::size_t i = 0; i < keys.size(); ++i)
    expression::append_sort_key(bytes, keys[i], definition.keys[i].type().oid);
  return bytes;
}

Result<Contribution> contribute(const SummaryDefinition& definition, const expression::Row& row,
                                Arena& arena) {
  Contribution made;
  for (std::size_t i = 0; i < definition.keys.size(); ++i) {
    Result<Value> key = definition.keys[i].evaluate(row, arena);
    if (!key) return at(definition, "group_by " + definition.shape.id[i].name, std::move(key).error());
    made.keys.push_back(*key);
  }
  made.group = group_bytes(definition, made.keys);
  for (const SummaryDefinition::Call& call : definition.calls) {
    Result<Contribution::Part> part = take(call, row, arena);
    if (!part) return at(definition, "an aggregate's argument", std::move(part).error());
    made.parts.push_back(std::move(*part));
  }
  return made;
}

// The keys, then for each call whether it counts and, if so, the argument or the place.
std::string encode(const SummaryDefinition& definition, const Contribution& contribution) {
  std::vector<Value> values = contribution.keys;
  for (std::size_t i = 0; i < contribution.parts.size(); ++i) {
    const Contribution::Part& part = contribution.parts[i];
    values.emplace_back(part.counts);
    if (!part.counts) continue;
    values.push_back(part.argument);
    if (is_placed(expression::keeping(definition.calls[i].shape))) values.emplace_back(Bytes{part.place});
  }
  std::string bytes;
  encode_row(bytes, 0, values.data(), values.size());
  return bytes;
}

Result<Contribution> decode_contribution(const SummaryDefinition& definition, std::string_view bytes,
                                         Arena& arena) {
  RowDecoder decoder(bytes, arena);
  Contribution read;
  for (std::size_t i = 0; i < definition.keys.size(); ++i) read.keys.push_back(decoder.next());
  read.group = group_bytes(definition, read.keys);
  for (const SummaryDefinition::Call& call : definition.calls) {
    Contribution::Part& part = read.parts.emplace_back();
    const Value counts = decoder.next();
    part.counts = counts.get<bool>() != nullptr && *counts.get<bool>();
    if (!part.counts) continue;
    part.argument = decoder.next();
    const Keeping keeping = expression::keeping(call.shape);
    if (is_placed(keeping)) {
      const Value place = decoder.next();
      if (const auto* placed = place.get<Bytes>()) part.place = placed->bytes;
    } else if (keeping != Keeping::kTally) {
      expression::append_place(part.place, call.shape, part.argument, {});
    }
  }
  if (!decoder.ok())
    return fail(ErrorKind::kInternal,
                "collection " + definition.name + ": a row's contribution in the state is damaged",
                "stop penstock and delete the state directory: it is made anew from the tables");
  return read;
}

}  // namespace penstock
